#include "ledger/pricing/price_book.hpp"

#include <benchmark/benchmark.h>

namespace tidemark::pricing {
namespace {

/// Every start of the program pays this once: it must stay well under a millisecond.
void bm_create(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(PriceBook::create());
    }
}
BENCHMARK(bm_create)->Unit(benchmark::kMicrosecond);

void bm_resolve(benchmark::State& state, std::string_view id) {
    const auto book = *PriceBook::create();
    for (auto _ : state) {
        benchmark::DoNotOptimize(book->resolve(id));
    }
}
BENCHMARK_CAPTURE(bm_resolve, exact, "claude-opus-4-5-20251101");
BENCHMARK_CAPTURE(bm_resolve, alias, "claude-opus-4-5");
BENCHMARK_CAPTURE(bm_resolve, bedrock, "us.anthropic.claude-opus-4-5-20251101-v1:0");
BENCHMARK_CAPTURE(bm_resolve, unknown, "claude-mystery-9");

void bm_cost(benchmark::State& state) {
    const auto book = *PriceBook::create();
    const ResolvedModel model = book->resolve("claude-haiku-5-5");
    PriceQuery query;
    query.time = 1'794'000'000'000;
    query.geo = "us";
    query.tokens = {
        .input = 12, .output = 900, .thinking = 0, .cache_write_5m = 800, .cache_write_1h = 3000, .cache_read = 90'000};
    for (auto _ : state) {
        ++query.tokens.cache_read;
        benchmark::DoNotOptimize(book->cost(model, query));
    }
}
BENCHMARK(bm_cost);

}  // namespace
}  // namespace tidemark::pricing
