#include <aludel/cli/cli.hpp>

#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace aludel::cli {

void use_large_pages() {
#if defined(__GLIBC__)
  constexpr int kilobyte = 1024, megabyte = 1024 * kilobyte;
  // One piece of heap from the start, since only what is there can be advised; it costs addresses, not memory.
  mallopt(M_MMAP_THRESHOLD, 32 * megabyte);
  mallopt(M_TRIM_THRESHOLD, 1024 * megabyte);
  mallopt(M_TOP_PAD, 256 * megabyte);
  const char* before = static_cast<const char*>(sbrk(0));
  void* grown = std::malloc(512 * kilobyte);
  const char* after = static_cast<const char*>(sbrk(0));
  std::free(grown);
  mallopt(M_TOP_PAD, 128 * kilobyte);  // the default, for whatever comes beyond it
  constexpr std::uintptr_t page = 4096;
  const auto first = (reinterpret_cast<std::uintptr_t>(before) + page - 1) / page * page;
  const auto last = reinterpret_cast<std::uintptr_t>(after) / page * page;
  // Where addresses are short or the kernel has no such pages, all is as it was.
  if (grown != nullptr && last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

}  // namespace aludel::cli
