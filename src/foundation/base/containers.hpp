// Hash tables that keep their elements in one block of memory, and vectors that hold a few elements without any. For
// the hot paths of the ledger; elsewhere the standard containers do. The elements of a table move when it grows.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include "foundation/base/hash.hpp"

namespace tidemark::base {

template <class Key, class Value>
using FlatMap = absl::flat_hash_map<Key, Value>;
template <class Key>
using FlatSet = absl::flat_hash_set<Key>;

/// With texts as keys, std::string or views: find() takes either without a copy.
template <class Text, class Value>
using FlatTextMap = absl::flat_hash_map<Text, Value, TextHash, std::equal_to<>>;
template <class Text>
using FlatTextSet = absl::flat_hash_set<Text, TextHash, std::equal_to<>>;

/// The first `count` elements lie in the vector itself.
template <class T, std::size_t count>
using SmallVector = absl::InlinedVector<T, count>;

}  // namespace tidemark::base
