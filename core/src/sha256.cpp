#include <aludel/text.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace aludel {

namespace {

using Word = std::uint32_t;

// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<Word, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using State = std::array<Word, 8>;

/// Section 6.2.2, step 3: the new e in `d`, the new a in `h`.
inline void round(Word a, Word b, Word c, Word& d, Word e, Word f, Word g, Word& h, Word word) {
  const Word t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + word;
  const Word t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
  d += t1;
  h = t1 + t2;
}

void add_block(State& state, const unsigned char* block) {
  std::array<Word, 64> w;
  for (std::size_t t = 0; t < 16; ++t) {
    w[t] = (Word{block[4 * t]} << 24u) | (Word{block[4 * t + 1]} << 16u) | (Word{block[4 * t + 2]} << 8u) | Word{block[4 * t + 3]};
  }
  for (std::size_t t = 16; t < 64; ++t) {
    const Word s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3u);
    const Word s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10u);
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state;
  // Eight at a time, so that the variables change their parts and not their values.
  for (std::size_t t = 0; t < 64; t += 8) {
    const Word* constants = round_constants.data() + t;
    const Word* words = w.data() + t;
    round(a, b, c, d, e, f, g, h, constants[0] + words[0]);
    round(h, a, b, c, d, e, f, g, constants[1] + words[1]);
    round(g, h, a, b, c, d, e, f, constants[2] + words[2]);
    round(f, g, h, a, b, c, d, e, constants[3] + words[3]);
    round(e, f, g, h, a, b, c, d, constants[4] + words[4]);
    round(d, e, f, g, h, a, b, c, constants[5] + words[5]);
    round(c, d, e, f, g, h, a, b, constants[6] + words[6]);
    round(b, c, d, e, f, g, h, a, constants[7] + words[7]);
  }
  const State sum = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += sum[i];
}

}  // namespace

std::string sha256(std::string_view bytes) {
  State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 64; left -= 64, data += 64) add_block(state, data);

  // The rest, a one bit, zeros, and the length in bits: one block, or two when the length does not fit behind the rest.
  std::array<unsigned char, 128> tail{};
  for (std::size_t i = 0; i < left; ++i) tail[i] = data[i];
  tail[left] = 0x80;
  const std::size_t size = left < 56 ? 64 : 128;
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) tail[size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  add_block(state, tail.data());
  if (size == 128) add_block(state, tail.data() + 64);

  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (Word word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) result += digits[(word >> static_cast<unsigned>(shift)) & 0xFu];
  }
  return result;
}

}  // namespace aludel
