/** The requests of a session as a table for spreadsheets; the heads are the API's names. Pure. */
import type { SessionDetail } from '@/shared/api/model';
import type { ChartTable } from '@/shared/charts/prepare/series';

type Request = SessionDetail['requests'][number];

const COLUMNS: readonly [string, (one: Request) => string | number | null][] = [
    ['time', (one) => one.time],
    ['kind', (one) => one.kind],
    ['agent', (one) => one.agent],
    ['model', (one) => one.model],
    ['input_tokens', (one) => one.input_tokens],
    ['cache_read_tokens', (one) => one.cache_read_tokens],
    ['cache_write_5m_tokens', (one) => one.cache_write_5m_tokens],
    ['cache_write_1h_tokens', (one) => one.cache_write_1h_tokens],
    ['output_tokens', (one) => one.output_tokens],
    ['thinking_tokens', (one) => one.thinking_tokens],
    ['web_searches', (one) => one.web_searches],
    ['context_tokens', (one) => one.context_tokens],
    ['cache_miss', (one) => String(one.cache_miss)],
    ['duration_ms', (one) => one.duration_ms],
    ['cost_usd', (one) => one.cost],
    ['tools', (one) => one.tools.map((tool) => `${tool.name}:${tool.calls}`).join(' ')],
    ['stop_reason', (one) => one.stop_reason],
    ['incomplete', (one) => String(one.incomplete)],
    ['speed', (one) => one.speed],
    ['effort', (one) => one.effort],
    ['service_tier', (one) => one.service_tier],
    ['geo', (one) => one.geo],
    ['message_id', (one) => one.message_id],
    ['request_id', (one) => one.request_id],
];

export function requestsTable(requests: readonly Request[]): ChartTable {
    return {
        head: COLUMNS.map(([name]) => name),
        rows: requests.map((one) => COLUMNS.map(([, value]) => value(one))),
    };
}
