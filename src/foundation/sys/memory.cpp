#include "foundation/sys/memory.hpp"

#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace tidemark::sys {

void prepare_short_run([[maybe_unused]] std::size_t bytes) {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
    constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
    // One arena for all threads: the others would come from small mappings of their own.
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(bytes));
    ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
    ::mallopt(M_TOP_PAD, static_cast<int>(bytes / 2));
    void* const block = std::malloc(bytes - kHugePage);
    const auto begin = (reinterpret_cast<std::uintptr_t>(block) + kHugePage - 1) & ~(kHugePage - 1);
    const auto end = (reinterpret_cast<std::uintptr_t>(block) + bytes - kHugePage) & ~(kHugePage - 1);
    if (block != nullptr && begin < end) {
        // Only advice: without huge pages everything works the same.
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    }
    std::free(block);
#endif
}

void end_short_run(int code) {
    std::fflush(nullptr);
    std::_Exit(code);
}

}  // namespace tidemark::sys
