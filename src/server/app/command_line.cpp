#include "server/app/command_line.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "foundation/config/config.hpp"
#include "server/api/routes.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

constexpr std::array<std::string_view, 7> kKinds{"daily", "weekly", "monthly", "session", "blocks", "project", "model"};
constexpr std::array<std::string_view, 15> kConfigKeys{"listen",
                                                       "data",
                                                       "transcripts",
                                                       "timezone",
                                                       "week-start",
                                                       "allowed-hosts",
                                                       "demo",
                                                       "tls-certificate",
                                                       "tls-key",
                                                       "trusted-proxies",
                                                       "master-key-file",
                                                       "master-key-command",
                                                       "access-log",
                                                       "user",
                                                       "breached-passwords"};

/// Every long option of a command with its help text.
std::vector<std::pair<std::string, std::string>> options_of(const CLI::App& command) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            result.emplace_back("--" + name, option->get_description());
        }
    }
    return result;
}

std::string bash_completion(const CLI::App& program) {
    std::string commands;
    std::string cases;
    for (const CLI::App* command : program.get_subcommands({})) {
        commands += command->get_name() + " ";
        std::string words;
        for (const auto& [name, help] : options_of(*command)) {
            words += name + " ";
        }
        if (command->get_name() == "report") {
            for (const std::string_view kind : kKinds) {
                words.append(kind).append(" ");
            }
        }
        if (command->get_name() == "completion") {
            words += "bash zsh fish ";
        }
        cases += "        " + command->get_name() + ") words=\"" + words + "\" ;;\n";
    }
    return "_tidemark() {\n    local words\n    case \"${COMP_WORDS[1]}\" in\n" + cases + "        *) words=\"" +
           commands + "\" ;;\n    esac\n    [ \"$COMP_CWORD\" -eq 1 ] && words=\"" + commands +
           "\"\n    case \"$3\" in --data | --transcripts) COMPREPLY=($(compgen -d -- \"$2\")); return ;; esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$2\"))\n}\ncomplete -F _tidemark tidemark\n";
}

std::string without_quotes(std::string text) {
    for (const char c : {'\'', '[', ']', ':', '`', '"'}) {
        text.erase(std::remove(text.begin(), text.end(), c), text.end());
    }
    return text;
}

std::string zsh_completion(const CLI::App& program) {
    std::string commands;
    std::string cases;
    for (const CLI::App* command : program.get_subcommands({})) {
        commands += "        '" + command->get_name() + ":" + without_quotes(command->get_description()) + "'\n";
        std::string arguments;
        for (const auto& [name, help] : options_of(*command)) {
            arguments += " '" + name + "[" + without_quotes(help) + "]'";
        }
        if (command->get_name() == "report") {
            arguments += " '1:kind:(";
            for (const std::string_view kind : kKinds) {
                arguments.append(kind).append(" ");
            }
            arguments += ")'";
        }
        cases += "        " + command->get_name() + ") _arguments" + arguments + " ;;\n";
    }
    return "#compdef tidemark\n_tidemark() {\n    local -a commands=(\n" + commands +
           "    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n    local name=$words[2]\n  "
           "  shift "
           "words; (( CURRENT-- ))\n    case $name in\n" +
           cases + "    esac\n}\n_tidemark \"$@\"\n";
}

std::string fish_completion(const CLI::App& program) {
    std::string out = "complete -c tidemark -f\n";
    for (const CLI::App* command : program.get_subcommands({})) {
        out += "complete -c tidemark -n __fish_use_subcommand -a " + command->get_name() + " -d '" +
               without_quotes(command->get_description()) + "'\n";
        for (const auto& [name, help] : options_of(*command)) {
            out += "complete -c tidemark -n '__fish_seen_subcommand_from " + command->get_name() + "' -l " +
                   name.substr(2) + " -d '" + without_quotes(help) + "'\n";
        }
    }
    out += "complete -c tidemark -n '__fish_seen_subcommand_from report' -a '";
    for (const std::string_view kind : kKinds) {
        out.append(kind).append(" ");
    }
    return out + "'\n";
}

std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '-') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string man_page(const CLI::App& program) {
    std::string out = ".TH TIDEMARK 1 \"\" \"tidemark " + std::string(kVersion) +
                      "\" \"User commands\"\n.SH NAME\ntidemark \\- " + roff(program.get_description()) +
                      "\n.SH SYNOPSIS\n.B tidemark\n.I command\n[options]\n.SH COMMANDS\n";
    for (const CLI::App* command : program.get_subcommands({})) {
        out += ".SS " + roff(command->get_name()) + "\n" + roff(command->get_description()) + "\n";
        for (const CLI::Option* option : command->get_options()) {
            if (option->get_lnames().empty() || option->get_lnames().front() == "help") {
                continue;
            }
            out +=
                ".TP\n.B \\-\\-" + roff(option->get_lnames().front()) + "\n" + roff(option->get_description()) + "\n";
        }
    }
    out +=
        ".SH ENVIRONMENT\nEvery option is also read from TIDEMARK_<OPTION> (TIDEMARK_DATA, TIDEMARK_LISTEN, …) and "
        "from "
        "tidemark.toml; the command line wins over the environment, and that over the file.\n.TP\n.B "
        "CLAUDE_CONFIG_DIR\n"
        "Claude Code's config home, or a comma list of them.\n.TP\n.B NO_COLOR\nNo colours on the terminal.\n.SH EXIT "
        "STATUS\n0 done, 1 failed, 2 wrong usage, 3 done but incomplete (standard error says what).\n";
    return out;
}

}  // namespace

int print_version() {
    std::printf("tidemark %.*s (%.*s)\n", static_cast<int>(kVersion.size()), kVersion.data(),
                static_cast<int>(kCommit.size()), kCommit.data());
    return kDone;
}

int print_openapi() {
    std::fputs(api::openapi_document().c_str(), stdout);
    return kDone;
}

int run(int argc, char** argv) {
    // What is stored is the user's own business.
    ::umask(077);
    auto loaded = config::ConfigFile::load(config::default_config_file(), {kConfigKeys.begin(), kConfigKeys.end()});
    if (!loaded) {
        return report_failure(loaded.error());
    }
    const config::ConfigFile& file = *loaded;

    CLI::App program("Watches what Claude Code uses: tokens, cost, limits, sessions", "tidemark");
    program.require_subcommand(1);
    program.set_version_flag("--version", "tidemark " + std::string(kVersion));
    program.set_help_flag("--help,-h", "Print this help");
    int exit_code = kDone;

    Workspace workspace;
    workspace.data_dir = config::initial_value(file, "data", config::default_data_dir());
    workspace.transcripts = config::initial_values(file, "transcripts");
    const auto add_workspace = [&](CLI::App* command) {
        command->add_option("--data", workspace.data_dir, "Folder of Tidemark's own data")->type_name("DIR");
        command
            ->add_option("--transcripts", workspace.transcripts,
                         "A config home of Claude Code, or its projects folder; may be given several times")
            ->type_name("DIR")
            ->allow_extra_args(false);
    };
    const auto settled = [&] {
        Workspace result = workspace;
        result.data_dir = config::expand_home(result.data_dir);
        if (result.transcripts.empty()) {
            result.transcripts = config::default_transcripts();
        }
        for (std::string& folder : result.transcripts) {
            folder = config::expand_home(folder);
        }
        return result;
    };

    ServeCommand serve_command;
    serve_command.listen = config::initial_value(file, "listen", "127.0.0.1:8377");
    serve_command.allowed_hosts = config::initial_values(file, "allowed-hosts");
    serve_command.demo = config::initial_value(file, "demo", "false") == "true";
    CLI::App* const serve_app = program.add_subcommand("serve", "Run the server and its web page");
    add_workspace(serve_app);
    serve_app->add_option("--listen", serve_command.listen, "Address to listen on, 127.0.0.1:8377 by default")
        ->type_name("HOST:PORT");
    serve_app
        ->add_option("--allowed-hosts", serve_command.allowed_hosts,
                     "Further names (name:port or name:*) by which a proxy on this machine may call the server")
        ->delimiter(',');
    KeySource keys;
    keys.file = config::initial_value(file, "master-key-file", "");
    keys.command = config::initial_value(file, "master-key-command", "");
    const auto add_keys = [&](CLI::App* command) {
        command
            ->add_option("--master-key-file", keys.file,
                         "File of the keys that secrets are sealed with; by default master.key in the data folder")
            ->type_name("FILE");
        command
            ->add_option("--master-key-command", keys.command, "A program that prints those keys, such as a KMS client")
            ->type_name("COMMAND");
    };
    add_keys(serve_app);
    serve_command.certificate.certificate_file = config::initial_value(file, "tls-certificate", "");
    serve_command.certificate.key_file = config::initial_value(file, "tls-key", "");
    serve_command.trusted_proxies = config::initial_values(file, "trusted-proxies");
    serve_command.access_log = config::initial_value(file, "access-log", "false") == "true";
    serve_app
        ->add_option("--tls-certificate", serve_command.certificate.certificate_file,
                     "PEM file of the server's certificate and its chain; without one, Tidemark makes its own")
        ->type_name("FILE");
    serve_app->add_option("--tls-key", serve_command.certificate.key_file, "PEM file of the certificate's key")
        ->type_name("FILE");
    serve_app
        ->add_option(
            "--trusted-proxies", serve_command.trusted_proxies,
            "Addresses or networks of proxies that speak TLS for this server: it then speaks plain HTTP, to them only")
        ->delimiter(',');
    serve_command.user = config::initial_value(file, "user", "");
    serve_app
        ->add_option(
            "--user", serve_command.user,
            "Started by root: go on as this account (a name, or numbers such as 998:998) once the port and the "
            "certificate are open")
        ->type_name("NAME");
    serve_command.breached_passwords = config::initial_value(file, "breached-passwords", "");
    serve_app
        ->add_option("--breached-passwords", serve_command.breached_passwords,
                     "File of breached passwords (SHA-1, ordered by hash): none of them is taken as a new password")
        ->type_name("FILE");
    serve_app->add_flag("--access-log", serve_command.access_log, "Log each request; always on beyond loopback");
    serve_app->add_flag("--demo", serve_command.demo, "Show a year of made-up data, kept apart from the real data");
    serve_app->callback([&] {
        serve_command.workspace = settled();
        serve_command.breached_passwords = config::expand_home(serve_command.breached_passwords);
        serve_command.keys = keys;
        exit_code = serve(serve_command);
    });

    AccountCommand account_command;
    const auto add_account_options = [&](CLI::App* command) {
        command->add_option("--data", workspace.data_dir, "Folder of Tidemark's own data")->type_name("DIR");
        add_keys(command);
    };
    AccountRequest& asked = account_command.request;
    const auto run_account = [&](std::string_view name) {
        asked.command = name;
        account_command.workspace = settled();
        account_command.keys = keys;
        account_command.address = address_of(serve_command.listen, !serve_command.certificate.certificate_file.empty(),
                                             serve_command.allowed_hosts, serve_command.trusted_proxies);
        exit_code = account(account_command);
    };
    CLI::App* const user_app =
        program.add_subcommand("user", "Accounts: list, add, reset, role, deactivate, activate, setup-link");
    user_app->add_option("action", asked.action, "What to do")
        ->required()
        ->check(CLI::IsMember({"list", "add", "reset", "role", "deactivate", "activate", "setup-link"}));
    user_app->add_option("name", asked.name, "The account's user name");
    user_app->add_option("--role", asked.role, "user, admin or enterprise")->type_name("ROLE");
    user_app->add_flag("--remove-second-factor", asked.remove_second_factor,
                       "The reset link also removes the second factor: for who lost phone and recovery codes");
    add_account_options(user_app);
    user_app->callback([&] { run_account("user"); });

    CLI::App* const key_app = program.add_subcommand(
        "key",
        "API keys: list, create, revoke; for the key of secrets: rotate-master, reseal, list-master, retire-master");
    key_app->add_option("action", asked.action, "What to do")
        ->required()
        ->check(CLI::IsMember({"list", "create", "revoke", "rotate-master", "reseal", "list-master", "retire-master"}));
    key_app->add_option("name", asked.name, "create: a name for it; revoke: its number; retire-master: its id");
    key_app->add_option("--account", asked.account, "Whose key it is (create)")->type_name("NAME");
    key_app->add_option("--scopes", asked.scopes, "Some of ingest,read,manage (create)")->type_name("LIST");
    key_app->add_option("--days", asked.days, "Days until it ends; 0 or none: no end")->check(CLI::NonNegativeNumber);
    add_account_options(key_app);
    key_app->callback([&] { run_account("key"); });

    BackupCommand backup_command;
    const auto run_backup = [&](int (*command)(const BackupCommand&)) {
        backup_command.workspace = settled();
        backup_command.target = config::expand_home(backup_command.target);
        backup_command.keys = keys;
        exit_code = command(backup_command);
    };
    CLI::App* const verify_app =
        program.add_subcommand("verify", "Prove that a backup is whole or, without one, that the audit log is");
    verify_app->add_option("file", backup_command.file, "A backup");
    add_account_options(verify_app);
    verify_app->callback([&] {
        if (backup_command.file.empty()) {
            run_account("verify");
        } else {
            run_backup(verify_backup);
        }
    });
    CLI::App* const backup_app = program.add_subcommand("backup", "Make a sealed copy of all that is stored");
    backup_app
        ->add_option("--to", backup_command.target, "Folder of the backups; by default backups in the data folder")
        ->type_name("DIR");
    add_account_options(backup_app);
    backup_app->callback([&] { run_backup(make_backup); });
    CLI::App* const restore_app = program.add_subcommand("restore", "Put a backup back in the place of what is stored");
    restore_app->add_option("file", backup_command.file, "A backup")->required();
    add_account_options(restore_app);
    restore_app->callback([&] { run_backup(restore_backup); });

    ReportCommand report_command;
    report_command.timezone = config::initial_value(file, "timezone", "local");
    std::string week_start = config::initial_value(file, "week-start", "sunday");
    CLI::App* const report_app = program.add_subcommand("report", "Print usage and cost; needs no server");
    report_app->add_option("kind", report_command.kind, "daily, weekly, monthly, session, blocks, project or model")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>(kKinds.begin(), kKinds.end())));
    add_workspace(report_app);
    report_app->add_option("--since", report_command.since, "First day, YYYY-MM-DD or YYYYMMDD")->type_name("D");
    report_app->add_option("--until", report_command.until, "Last day, YYYY-MM-DD or YYYYMMDD")->type_name("D");
    report_app->add_option("--timezone", report_command.timezone, "IANA name of the time zone that cuts days")
        ->type_name("TZ");
    report_app->add_option("--week-start", week_start, "First day of the week, sunday by default")
        ->check(CLI::IsMember({"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}));
    report_app->add_option("--project", report_command.projects, "Only this project (path or name); may be repeated")
        ->type_name("P")
        ->allow_extra_args(false);
    report_app->add_option("--model", report_command.models, "Only this model; may be repeated")
        ->type_name("M")
        ->allow_extra_args(false);
    report_app->add_flag("--breakdown", report_command.breakdown, "Show each model's part of every row");
    CLI::Option* const as_json = report_app->add_flag("--json", report_command.json, "Print JSON");
    report_app->add_flag("--csv", report_command.csv, "Print CSV")->excludes(as_json);
    report_app->callback([&] {
        report_command.workspace = settled();
        constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                        "thursday", "friday", "saturday"};
        report_command.week_start =
            static_cast<int>(std::find(kDays.begin(), kDays.end(), week_start) - kDays.begin()) %
            static_cast<int>(kDays.size());
        exit_code = report(report_command);
    });

    CLI::App* const import_app = program.add_subcommand("import", "Read everything new into the store and end");
    add_workspace(import_app);
    import_app->callback([&] { exit_code = import(settled()); });

    DoctorCommand doctor_command;
    CLI::App* const doctor_app = program.add_subcommand("doctor", "Say what is found, what is missing and what to do");
    add_workspace(doctor_app);
    doctor_app->add_flag("--json", doctor_command.json, "Print JSON");
    doctor_app->callback([&] {
        doctor_command.workspace = settled();
        exit_code = doctor(doctor_command);
    });

    program.add_subcommand("version", "Print the version")->callback([&] { exit_code = print_version(); });
    program.add_subcommand("openapi", "Print the description of the HTTP API")->callback([&] {
        exit_code = print_openapi();
    });
    std::string shell;
    CLI::App* const completion_app = program.add_subcommand("completion", "Print completions for a shell");
    completion_app->add_option("shell", shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    completion_app->callback([&] {
        const std::string text = shell == "bash"  ? bash_completion(program)
                                 : shell == "zsh" ? zsh_completion(program)
                                                  : fish_completion(program);
        std::fputs(text.c_str(), stdout);
    });
    program.add_subcommand("manual", "Print the man page")->callback([&] {
        std::fputs(man_page(program).c_str(), stdout);
    });

    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return program.exit(success);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "tidemark: %s\nRun `tidemark --help` or `tidemark <command> --help`.\n", error.what());
        return kWrongUsage;
    }
    return exit_code;
}

}  // namespace tidemark::app
