// The ledger's answers to what goes over the wire.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/live/feed.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/query/query.hpp"
#include "server/api/dto.hpp"

namespace tidemark::api {

[[nodiscard]] Measures to_dto(const query::Totals& totals);
/// Without sessions, which are not additive: 0.
[[nodiscard]] Measures to_dto(const model::Measures& measures);
[[nodiscard]] GroupKey to_dto(const query::GroupKey& group);
[[nodiscard]] std::vector<GroupMeasures> to_dto(const std::vector<query::GroupTotals>& groups);
[[nodiscard]] UsageRecord to_dto(query::Record record);
[[nodiscard]] Session to_dto(const query::SessionRow& row);
[[nodiscard]] ActiveSession to_active_dto(const query::SessionRow& row);
[[nodiscard]] SessionDetail to_dto(query::SessionDetail detail);
[[nodiscard]] LimitHit to_limit_hit(const query::EventRow& event);
[[nodiscard]] std::vector<ModelPrices> to_dto(const pricing::PriceBook& book);
[[nodiscard]] UsageEvent to_dto(const model::UsageChange& change);
[[nodiscard]] Unit to_unit(query::Metric metric);
/// 0 and below is "unknown".
[[nodiscard]] std::optional<Time> to_time(base::UnixMillis time);

}  // namespace tidemark::api
