// Signals belong to the main thread.
#pragma once

#include <csignal>

#include <pthread.h>

namespace tidemark::net::impl {

/// The calling thread takes no signals from here on.
inline void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace tidemark::net::impl
