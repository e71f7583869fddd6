#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace aludel::schema {

/// A sorted map whose copies share their elements: a copy costs a few pointers, and a change copies the element that it changes. For schemas, of
/// which a run keeps many that differ in one table.
///
/// Used as std::map is, with three differences. Iterators only read; what changes elements walks over writable(), or takes one by at() or [].
/// Inserting and erasing make iterators invalid. References stay valid until their element is erased or, where another copy shares it, written
/// through this map. Const access is safe from several threads.
template <class Key, class T>
class SharedMap {
 public:
  using key_type = Key;
  using mapped_type = T;
  using value_type = std::pair<const Key, T>;
  using size_type = std::size_t;

 private:
  using Element = std::shared_ptr<value_type>;
  using Chunk = std::vector<Element>;  // sorted, never empty, at most `chunk_size`
  using Chunks = std::vector<std::shared_ptr<Chunk>>;
  static constexpr std::size_t chunk_size = 64;

  template <bool Const>
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = SharedMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = std::conditional_t<Const, const value_type*, value_type*>;
    using reference = std::conditional_t<Const, const value_type&, value_type&>;
    using Map = std::conditional_t<Const, const SharedMap, SharedMap>;

    Iterator() = default;
    Iterator(Map* map, std::size_t chunk, std::size_t at) : map_(map), chunk_(chunk), at_(at) {}
    operator Iterator<true>() const requires(!Const) { return {map_, chunk_, at_}; }

    reference operator*() const {
      if constexpr (Const) {
        return *(*map_->chunks_[chunk_])[at_];
      } else {
        return map_->own(chunk_, at_);
      }
    }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++at_ == map_->chunks_[chunk_]->size()) {
        ++chunk_;
        at_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    Iterator& operator--() {
      if (at_ == 0) at_ = map_->chunks_[--chunk_]->size();
      --at_;
      return *this;
    }
    Iterator operator--(int) {
      Iterator before = *this;
      --*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.chunk_ == b.chunk_ && a.at_ == b.at_; }

   private:
    friend class SharedMap;
    Map* map_ = nullptr;
    std::size_t chunk_ = 0, at_ = 0;
  };

 public:
  using const_iterator = Iterator<true>;
  using iterator = const_iterator;
  /// All elements, each made this map's own when it is reached.
  class Writable {
   public:
    explicit Writable(SharedMap& map) : map_(map) {}
    Iterator<false> begin() const { return {&map_, 0, 0}; }
    Iterator<false> end() const { return {&map_, map_.chunks_.size(), 0}; }

   private:
    SharedMap& map_;
  };

  SharedMap() = default;
  SharedMap(std::initializer_list<value_type> values) {
    for (const value_type& value : values) insert(value);
  }
  SharedMap(const SharedMap&) = default;
  SharedMap(SharedMap&& other) noexcept : chunks_(std::move(other.chunks_)), size_(std::exchange(other.size_, 0)) { other.chunks_.clear(); }
  SharedMap& operator=(const SharedMap&) = default;
  SharedMap& operator=(SharedMap&& other) noexcept {
    chunks_ = std::move(other.chunks_);
    size_ = std::exchange(other.size_, 0);
    other.chunks_.clear();
    return *this;
  }
  ~SharedMap() = default;

  Writable writable() { return Writable(*this); }
  const_iterator begin() const { return {this, 0, 0}; }
  const_iterator end() const { return {this, chunks_.size(), 0}; }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  void clear() {
    chunks_.clear();
    size_ = 0;
  }
  void swap(SharedMap& other) noexcept {
    chunks_.swap(other.chunks_);
    std::swap(size_, other.size_);
  }

  const_iterator lower_bound(const Key& key) const {
    const Place place = lower(key);
    return {this, place.chunk, place.at};
  }
  const_iterator find(const Key& key) const {
    const Place place = lower(key);
    return holds(place, key) ? const_iterator(this, place.chunk, place.at) : end();
  }
  bool contains(const Key& key) const { return holds(lower(key), key); }
  std::size_t count(const Key& key) const { return contains(key) ? 1 : 0; }
  /// Throws std::out_of_range.
  const T& at(const Key& key) const {
    const const_iterator found = find(key);
    if (found == end()) throw std::out_of_range("there is no such element");
    return found->second;
  }
  T& at(const Key& key) {
    const Place place = lower(key);
    if (!holds(place, key)) throw std::out_of_range("there is no such element");
    return own(place.chunk, place.at).second;
  }
  /// The value to change, or null.
  T* get(const Key& key) {
    const Place place = lower(key);
    return holds(place, key) ? &own(place.chunk, place.at).second : nullptr;
  }
  T& operator[](const Key& key) {
    const iterator found = try_emplace(key).first;
    return own(found.chunk_, found.at_).second;
  }

  template <class... Arguments>
  std::pair<iterator, bool> try_emplace(Key key, Arguments&&... arguments) {
    const Place place = lower(key);
    if (holds(place, key)) return {iterator(this, place.chunk, place.at), false};
    return {add(place, std::make_shared<value_type>(std::piecewise_construct, std::forward_as_tuple(std::move(key)),
                                                    std::forward_as_tuple(std::forward<Arguments>(arguments)...))),
            true};
  }
  template <class Value>
  std::pair<iterator, bool> emplace(Key key, Value&& value) {
    return try_emplace(std::move(key), std::forward<Value>(value));
  }
  std::pair<iterator, bool> insert(value_type value) { return try_emplace(value.first, std::move(value.second)); }
  template <class Value>
  void insert_or_assign(const Key& key, Value&& value) {
    (*this)[key] = std::forward<Value>(value);
  }

  std::size_t erase(const Key& key) {
    const Place place = lower(key);
    if (!holds(place, key)) return 0;
    remove(place);
    return 1;
  }
  /// Returns the element behind it.
  const_iterator erase(const_iterator at) {
    remove({at.chunk_, at.at_});
    const bool last_of_chunk = at.chunk_ < chunks_.size() && at.at_ == chunks_[at.chunk_]->size();
    return last_of_chunk ? const_iterator(this, at.chunk_ + 1, 0) : const_iterator(this, at.chunk_, at.at_);
  }

  template <class Predicate>
  friend std::size_t erase_if(SharedMap& map, Predicate predicate) {
    const std::size_t before = map.size();
    for (const_iterator i = map.begin(); i != map.end();) {
      if (predicate(*i)) {
        i = map.erase(i);
      } else {
        ++i;
      }
    }
    return before - map.size();
  }

  /// Removes the element and returns its value. Throws std::out_of_range.
  T take(const Key& key) {
    const Place place = lower(key);
    if (!holds(place, key)) throw std::out_of_range("there is no such element");
    T value = std::move(own(place.chunk, place.at).second);
    remove(place);
    return value;
  }

  friend bool operator==(const SharedMap& a, const SharedMap& b) {
    if (a.size_ != b.size_) return false;
    auto other = b.begin();
    for (auto one = a.begin(); one != a.end(); ++one, ++other) {
      if (&*one != &*other && *one != *other) return false;
    }
    return true;
  }

 private:
  struct Place {
    std::size_t chunk, at;
  };

  /// The first element that is not before the key, or the end.
  Place lower(const Key& key) const {
    // What comes in order comes behind all others.
    if (chunks_.empty() || chunks_.back()->back()->first < key) return {chunks_.size(), 0};
    const auto chunk = std::partition_point(chunks_.begin(), chunks_.end(), [&](const auto& one) { return one->back()->first < key; });
    if (chunk == chunks_.end()) return {chunks_.size(), 0};
    const auto at = std::partition_point((*chunk)->begin(), (*chunk)->end(), [&](const auto& one) { return one->first < key; });
    return {static_cast<std::size_t>(chunk - chunks_.begin()), static_cast<std::size_t>(at - (*chunk)->begin())};
  }
  bool holds(Place place, const Key& key) const { return place.chunk < chunks_.size() && !(key < (*chunks_[place.chunk])[place.at]->first); }

  Chunk& own(std::size_t chunk) {
    if (chunks_[chunk].use_count() > 1) chunks_[chunk] = std::make_shared<Chunk>(*chunks_[chunk]);
    return *chunks_[chunk];
  }
  value_type& own(std::size_t chunk, std::size_t at) {
    Element& element = own(chunk)[at];
    if (element.use_count() > 1) element = std::make_shared<value_type>(*element);
    return *element;
  }

  iterator add(Place place, Element element) {
    ++size_;
    if (chunks_.empty()) {
      chunks_.push_back(std::make_shared<Chunk>(1, std::move(element)));
      return begin();
    }
    if (place.chunk == chunks_.size()) place = {chunks_.size() - 1, chunks_.back()->size()};  // behind all others
    Chunk* chunk = &own(place.chunk);
    if (chunk->size() == chunk_size) {
      // What comes in order fills its chunks; what comes between halves one.
      const std::size_t kept = place.at == chunk_size ? chunk_size : chunk_size / 2;
      auto rest =
          std::make_shared<Chunk>(std::make_move_iterator(chunk->begin() + static_cast<std::ptrdiff_t>(kept)), std::make_move_iterator(chunk->end()));
      chunk->resize(kept);
      chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk) + 1, std::move(rest));
      if (place.at >= kept) place = {place.chunk + 1, place.at - kept};
      chunk = chunks_[place.chunk].get();
    }
    chunk->insert(chunk->begin() + static_cast<std::ptrdiff_t>(place.at), std::move(element));
    return {this, place.chunk, place.at};
  }

  void remove(Place place) {
    --size_;
    Chunk& chunk = own(place.chunk);
    chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(place.at));
    if (chunk.empty()) chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk));
  }

  Chunks chunks_;
  std::size_t size_ = 0;
};

}  // namespace aludel::schema
