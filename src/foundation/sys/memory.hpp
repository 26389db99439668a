// How the process gets its memory from the system.
#pragma once

#include <cstddef>

namespace tidemark::sys {

/// For a command that lives for a moment: lets the heap grow once, in huge pages where the system has them, and keeps
/// what is freed until the process ends. Thousands of page faults are a quarter of the time of such a command. `bytes`
/// of address space are reserved; only what is used becomes memory. A long-running process must not call it: it would
/// never give memory back. Does nothing on systems without glibc.
void prepare_short_run(std::size_t bytes);

/// Flushes the standard streams and ends the process with this exit code, without destroying anything: handing memory
/// back piece by piece takes longer than a short command's work. Whatever must be closed is closed before.
[[noreturn]] void end_short_run(int code);

}  // namespace tidemark::sys
