import type { Unassigned } from '@/shared/api/model';

export interface UnassignedSum {
    members: number;
    /** null: the organisation shows no usage beside names. */
    usage: { requests: number; tokens: number; cost: number } | null;
}

export function sumUnassigned(rows: readonly Unassigned[]): UnassignedSum {
    let usage: UnassignedSum['usage'] = { requests: 0, tokens: 0, cost: 0 };
    for (const { requests, tokens, cost_usd: cost } of rows) {
        usage =
            usage === null || requests === null || tokens === null || cost === null
                ? null
                : {
                      requests: usage.requests + requests,
                      tokens: usage.tokens + tokens,
                      cost: usage.cost + cost,
                  };
    }
    return { members: rows.length, usage };
}
