#include <cstdio>
#include <exception>

#include "server/app/command_line.hpp"

int main(int argc, char** argv) {
    try {
        return tidemark::app::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tidemark: %s\n", error.what());
        return 1;
    }
}
