// The commands of the tidemark program. Each returns the process's exit code.
#pragma once

#include <string>
#include <vector>

#include "server/app/workspace.hpp"

namespace tidemark::app {

struct ServeCommand {
    Workspace workspace;
    std::string listen;
    bool demo = false;  ///< Made-up data in a folder of its own instead of the user's transcripts
    std::vector<std::string> allowed_hosts;
};
int serve(const ServeCommand& command);

struct ReportCommand {
    Workspace workspace;
    std::string kind;  ///< daily | weekly | monthly | session | blocks | project | model
    std::string since, until, timezone;
    std::vector<std::string> projects, models;
    int week_start = 0;
    bool breakdown = false, json = false, csv = false;
};
int report(const ReportCommand& command);

struct DoctorCommand {
    Workspace workspace;
    bool json = false;
};
int doctor(const DoctorCommand& command);

int import(const Workspace& workspace);
int print_version();
int print_openapi();

}  // namespace tidemark::app
