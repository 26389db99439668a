#include "desk/demo/impl/team.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "desk/demo/impl/random.hpp"
#include "foundation/base/hash.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::demo {

namespace {

using base::kHour;
using base::kMinute;

std::int64_t day_of(std::int32_t year, std::int32_t month, std::int32_t day) {
    return base::days_from_civil({year, month, day});
}

struct Release {
    std::int64_t day;
    std::string_view model;
    std::string_view bedrock_suffix;
};

/// The newest model of a family that someone `lag` days behind the releases uses on `day`; empty before the first.
const Release* newest(std::span<const Release> releases, std::int64_t day) {
    const Release* found = nullptr;
    for (const Release& release : releases) {
        if (release.day <= day) {
            found = &release;
        }
    }
    return found;
}

const Release& model_of(std::string_view family, std::int64_t day) {
    static const std::array opus{
        Release{0, "claude-opus-4-1-20250805", "-v1:0"},
        Release{day_of(2025, 11, 24), "claude-opus-4-5-20251101", "-v1:0"},
        Release{day_of(2026, 2, 5), "claude-opus-4-6", "-v1"},
        Release{day_of(2026, 4, 16), "claude-opus-4-7", ""},
        Release{day_of(2026, 5, 28), "claude-opus-4-8", ""},
        Release{day_of(2026, 7, 24), "claude-opus-5", ""},
        Release{day_of(2026, 9, 22), "claude-opus-5-5", ""},
    };
    static const std::array sonnet{
        Release{0, "claude-sonnet-4-5-20250929", "-v1:0"},
        Release{day_of(2026, 2, 17), "claude-sonnet-4-6", ""},
        Release{day_of(2026, 6, 30), "claude-sonnet-5", ""},
        Release{day_of(2026, 9, 28), "claude-sonnet-5-5", ""},
    };
    static const std::array haiku{
        Release{0, "claude-haiku-4-5-20251001", "-v1:0"},
        Release{day_of(2026, 10, 7), "claude-haiku-5-5", ""},
    };
    static const std::array fable{
        Release{day_of(2026, 6, 9), "claude-fable-5", ""},
        Release{day_of(2026, 9, 1), "claude-fable-5-1", ""},
        Release{day_of(2026, 11, 9), "claude-fable-5-2", ""},
    };
    if (family == "fable") {
        if (const Release* release = newest(fable, day)) {
            return *release;
        }
        family = "opus";  // before Fable there was nothing dearer
    }
    return family == "opus" ? *newest(opus, day) : family == "sonnet" ? *newest(sonnet, day) : *newest(haiku, day);
}

struct Project {
    std::string_view name;
    double weight;
    std::string_view geo = "";
    bool bedrock = false;
};

struct Person {
    std::string_view name;
    std::string_view zone;
    int offset_minutes;
    double first_hour, last_hour;  ///< Local; above 24 it is the next morning
    double weekday_sessions, weekend_sessions;
    double opus, sonnet, haiku, fable;  ///< Weights
    double fast;                        ///< Share of sessions in fast mode
    std::string_view entrypoint;
    std::vector<Project> projects;
};

const std::vector<Person>& team() {
    static const std::vector<Person> people{
        {"mei",
         "Asia/Shanghai",
         8 * 60,
         9.5,
         19,
         0.66,
         0.08,
         54,
         12,
         4,
         30,
         0.03,
         "cli",
         {{"storefront-web", 5}, {"checkout-api", 3}, {"design-tokens", 1}}},
        {"jonas",
         "Europe/Berlin",
         60,
         8.5,
         17.5,
         0.62,
         0.03,
         58,
         8,
         4,
         30,
         0.02,
         "claude-vscode",
         {{"ledger-core", 5}, {"infra-terraform", 2, "", true}, {"search-indexer", 2}}},
        {"priya",
         "Asia/Kolkata",
         330,
         10,
         19.5,
         0.66,
         0.1,
         36,
         12,
         6,
         46,
         0.03,
         "cli",
         {{"recommender", 4}, {"data-pipeline", 4, "us"}, {"mobile-app", 2}}},
        {"tomas",
         "America/Sao_Paulo",
         -180,
         21,
         27.5,
         0.56,
         0.3,
         54,
         36,
         10,
         0,
         0.08,
         "cli",  // the night owl
         {{"game-server", 5}, {"shader-lab", 2}, {"cli-tools", 2}}},
        {"aiko",
         "Asia/Tokyo",
         9 * 60,
         9,
         22,
         0.12,
         0.85,
         30,
         50,
         20,
         0,
         0.0,
         "claude-desktop",  // the weekend coder
         {{"recipe-box", 4}, {"synth-pedal", 2}}},
    };
    return people;
}

/// How much of a normal day's work is done: holidays, the year's growth, good and bad weeks.
double effort(const Person& person, std::int64_t day, std::uint64_t seed) {
    const base::CivilDate date = base::civil_from_days(day);
    const int md = date.month * 100 + date.day;
    if (md >= 1224 || md <= 101) {
        return 0.06;
    }
    const auto away = [&](int first, int last) { return md >= first && md <= last; };
    if ((person.name == "mei" && (away(215, 222) || away(1001, 1006))) || (person.name == "jonas" && away(803, 821)) ||
        (person.name == "priya" && away(1107, 1110)) || (person.name == "tomas" && away(213, 217)) ||
        (person.name == "aiko" && away(811, 816))) {
        return 0.0;
    }
    const double years = static_cast<double>(day - day_of(2025, 11, 1)) / 365.0;
    const double growth = std::clamp(0.68 + 1.1 * years, 0.5, 1.9);
    Random week(base::hash64(person.name, seed ^ static_cast<std::uint64_t>(day / 7)));
    return growth * (0.65 + 0.7 * week.unit());
}

struct Version {
    std::string text;
    std::int64_t number;
};

/// The client's version of that day: 2.0.x until the new year, then about one a day up to 2.1.330 on 2026-11-20.
Version version_on(std::int64_t day, std::int64_t lag) {
    const std::int64_t first = day_of(2026, 1, 7);
    const std::int64_t behind = day - lag;
    const std::int64_t minor = behind < first ? 0 : 1;
    const std::int64_t patch = minor == 0 ? std::clamp<std::int64_t>(50 + (behind - day_of(2025, 11, 15)) / 2, 40, 76)
                                          : std::clamp<std::int64_t>((behind - first) * 330 / 317, 1, 999);
    return {"2." + std::to_string(minor) + "." + std::to_string(patch), 2'000'000 + minor * 1000 + patch};
}

std::string branch_of(const Person& person, std::string_view project, std::int64_t day, std::uint64_t seed) {
    constexpr std::array<std::string_view, 5> kKinds{"feat", "feat", "fix", "chore", "perf"};
    constexpr std::array<std::string_view, 16> kTopics{
        "cart-totals",  "retry-budget", "dark-mode",   "batch-import", "search-ranking", "session-tokens",
        "csv-export",   "rate-limits",  "cache-keys",  "onboarding",   "push-queue",     "schema-v2",
        "image-resize", "audit-trail",  "flaky-tests", "bundle-size"};
    // A branch lives for some days of one project.
    Random random(base::hash_combine(base::hash64(person.name, seed),
                                     base::hash64(project, static_cast<std::uint64_t>(day / 4))));
    if (random.chance(0.2)) {
        return "main";
    }
    const std::string_view kind = random.pick(kKinds);
    return std::string(kind) + "/" + std::string(random.pick(kTopics));
}

const Project& pick_project(const Person& person, Random& random) {
    double total = 0;
    for (const Project& project : person.projects) {
        total += project.weight;
    }
    double at = random.unit() * total;
    for (const Project& project : person.projects) {
        at -= project.weight;
        if (at < 0) {
            return project;
        }
    }
    return person.projects.back();
}

std::string_view pick_family(const Person& person, Random& random) {
    double at = random.unit() * (person.opus + person.sonnet + person.haiku + person.fable);
    if ((at -= person.opus) < 0) {
        return "opus";
    }
    if ((at -= person.sonnet) < 0) {
        return "sonnet";
    }
    return (at -= person.haiku) < 0 ? "haiku" : "fable";
}

std::string model_name(const Release& release, bool bedrock) {
    return bedrock ? "eu.anthropic." + std::string(release.model) + std::string(release.bedrock_suffix)
                   : std::string(release.model);
}

/// A session of a person; the caller sets what is special about it.
SessionPlan plan_session(const Person& person, std::int64_t day, std::uint64_t calendar_seed, std::uint64_t seed,
                         std::string_view forced_family) {
    Random random(seed);
    SessionPlan plan;
    plan.seed = random.next();
    plan.person = person.name;
    plan.zone = person.zone;
    const Project& project = pick_project(person, random);
    plan.cwd = "/home/" + std::string(person.name) + "/code/" + std::string(project.name);
    plan.repository = "demo-team/" + std::string(project.name);
    plan.branch = branch_of(person, project.name, day, calendar_seed);
    plan.bedrock = project.bedrock;
    plan.geo = project.geo.empty() || day < day_of(2026, 3, 2) ? "not_available" : project.geo;
    plan.entrypoint = person.entrypoint;
    const Version version = version_on(day, random.between(0, 3));
    plan.version = version.text;
    plan.version_number = version.number;
    // People move to a new model within two weeks, most of them at once.
    const auto lag = static_cast<std::int64_t>(std::pow(random.unit(), 3) * 14);
    const std::string_view family = forced_family.empty() ? pick_family(person, random) : forced_family;
    const Release& release = model_of(family, day - lag);
    plan.model = model_name(release, plan.bedrock);
    plan.agent_model = random.chance(0.5)   ? model_name(model_of("haiku", day - lag), plan.bedrock)
                       : random.chance(0.4) ? model_name(model_of("sonnet", day - lag), plan.bedrock)
                                            : plan.model;
    plan.fast = release.model.find("opus") != release.model.npos && day >= day_of(2026, 2, 9) && !plan.bedrock &&
                random.chance(person.fast);
    plan.long_cache = random.chance(0.75);
    const bool wide = day >= day_of(2026, 3, 20) && plan.model.find("haiku") == plan.model.npos &&
                      plan.model.find("-4-5") == plan.model.npos;
    plan.compact_at = wide && random.chance(0.65) ? random.between(360'000, 620'000) : random.between(150'000, 168'000);
    plan.requests = random.around(46, 0.85, 1, 320);
    return plan;
}

/// True on one day of every `window` days.
bool is_special_day(std::int64_t day, std::int64_t window, std::string_view what, std::uint64_t seed) {
    Random random(base::hash64(what, seed ^ static_cast<std::uint64_t>(day / window)));
    return day % window == random.between(0, window - 1);
}

}  // namespace

std::vector<SessionPlan> plan_day(std::uint64_t seed, std::int64_t day, double scale) {
    std::vector<SessionPlan> plans;
    const int weekday = base::weekday_from_days(day);
    const bool weekend = weekday == 0 || weekday == 6;
    for (const Person& person : team()) {
        Random random(base::hash_combine(base::hash64(person.name, seed), static_cast<std::uint64_t>(day)));
        const double expected =
            (weekend ? person.weekend_sessions : person.weekday_sessions) * effort(person, day, seed) * scale;
        const double drawn = expected * (0.6 + 0.8 * random.unit());
        const auto sessions = static_cast<int>(drawn) + (random.chance(drawn - std::floor(drawn)) ? 1 : 0);
        const base::UnixMillis midnight = day * base::kDay - person.offset_minutes * kMinute;
        for (int i = 0; i < sessions; ++i) {
            SessionPlan plan = plan_session(person, day, seed, random.next(), {});
            // Two thirds of the work starts in the first half of the day; lunch is left out.
            double part = random.unit();
            part = part < 0.62 ? part / 0.62 * 0.45 : 0.52 + (part - 0.62) / 0.38 * 0.4;
            const double hour = person.first_hour + (person.last_hour - person.first_hour) * part;
            plan.start =
                midnight + static_cast<base::UnixMillis>(hour * static_cast<double>(kHour)) + random.between(0, 60'000);
            plan.latest_end =
                midnight + static_cast<base::UnixMillis>((person.last_hour + 1) * static_cast<double>(kHour));
            // Now and then someone tries a model that no price list knows.
            if (person.name == "tomas" && random.chance(0.4) &&
                (is_special_day(day, 120, "mystery", seed) || is_special_day(day - 1, 120, "mystery", seed) ||
                 is_special_day(day - 2, 120, "mystery", seed))) {
                plan.model = "claude-mystery-9";
                plan.fast = false;
            }
            plans.push_back(std::move(plan));
        }
        if (is_special_day(day, 40, "runaway", seed) && person.name == (day / 40 % 2 == 0 ? "jonas" : "tomas")) {
            SessionPlan plan = plan_session(person, day, seed, random.next(), "opus");
            plan.kind = SessionKind::kRunaway;
            plan.start = midnight + static_cast<base::UnixMillis>((person.last_hour - 1) * static_cast<double>(kHour));
            plan.latest_end = plan.start + 5 * kHour;
            plan.requests = 80;
            plan.entrypoint = "sdk-cli";
            plan.agent_model = plan.model;
            plan.fast = !plan.bedrock && day >= day_of(2026, 2, 9);
            plans.push_back(std::move(plan));
        }
    }
    return plans;
}

std::int64_t live_slot(base::UnixMillis now, int lane) { return (now - lane * (kLiveSlot / kLiveLanes)) / kLiveSlot; }

SessionPlan plan_live(std::uint64_t seed, std::int64_t slot, int lane) {
    const base::UnixMillis start = slot * kLiveSlot + lane * (kLiveSlot / kLiveLanes);
    Random random(base::hash_combine(seed ^ 0x6c697665, static_cast<std::uint64_t>(slot * kLiveLanes + lane)));
    // Whoever is awake: one of the two people whose working day is nearest.
    const Person* best = nullptr;
    double best_distance = 1e9;
    for (const Person& person : team()) {
        const double hour =
            static_cast<double>((start + person.offset_minutes * kMinute) % base::kDay) / static_cast<double>(kHour);
        const double middle = (person.first_hour + person.last_hour) / 2;
        const double apart = std::abs(std::remainder(hour - middle, 24.0)) + random.unit() * 5;
        if (apart < best_distance) {
            best_distance = apart;
            best = &person;
        }
    }
    SessionPlan plan =
        plan_session(*best, start / base::kDay, seed, random.next(), random.chance(0.6) ? "sonnet" : "opus");
    plan.kind = SessionKind::kLive;
    plan.start = start;
    plan.latest_end = start + kLiveSlot - kMinute;
    plan.requests = 400;
    plan.fast = false;
    plan.compact_at = 80'000;
    return plan;
}

}  // namespace tidemark::demo
