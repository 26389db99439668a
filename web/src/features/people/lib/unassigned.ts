import type { Unassigned } from '@/shared/api/model';

export interface UnassignedSum {
    members: number;
    requests: number;
    tokens: number;
    cost: number;
}

export function sumUnassigned(rows: readonly Unassigned[]): UnassignedSum {
    return rows.reduce(
        (sum, row) => ({
            members: sum.members + 1,
            requests: sum.requests + row.requests,
            tokens: sum.tokens + row.tokens,
            cost: sum.cost + row.cost_usd,
        }),
        { members: 0, requests: 0, tokens: 0, cost: 0 },
    );
}
