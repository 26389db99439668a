/** What went wrong, in the server's words (application/problem+json) or in ours. */
export interface Problem {
    /** HTTP status; 0 = the server did not answer; -1 = its answer made no sense. */
    status: number;
    code: string;
    title: string;
    detail: string;
    errors: { path: string; message: string }[];
    requestId: string | null;
    /** Seconds after which the server wants to be asked again; null = it did not say. */
    retryAfter: number | null;
}

function text(value: unknown): string {
    return typeof value === 'string' ? value : '';
}

function seconds(value: unknown): number | null {
    const count = value === null || value === '' ? Number.NaN : Number(value);
    return Number.isFinite(count) && count >= 0 ? Math.ceil(count) : null;
}

/** `retryAfter`: the header of that name. */
export function problemFrom(
    status: number,
    body: string,
    retryAfter: string | null = null,
): Problem {
    let parsed: Record<string, unknown> = {};
    try {
        const value: unknown = JSON.parse(body);
        if (value && typeof value === 'object') parsed = value as Record<string, unknown>;
    } catch {
        // A proxy's error page is no problem document; the status has to do.
    }
    const errors = Array.isArray(parsed['errors']) ? parsed['errors'] : [];
    return {
        status,
        code: text(parsed['code']) || `http_${status}`,
        title: text(parsed['title']),
        detail: text(parsed['detail']),
        errors: errors.map((one: Record<string, unknown>) => ({
            path: text(one?.['path']),
            message: text(one?.['message']),
        })),
        requestId: text(parsed['request_id']) || null,
        retryAfter: seconds(parsed['retry_after_seconds'] ?? retryAfter),
    };
}

export function networkProblem(failure: unknown): Problem {
    const parsing = failure instanceof SyntaxError;
    return {
        status: parsing ? -1 : 0,
        code: parsing ? 'unreadable_answer' : 'unreachable',
        title: '',
        detail: '',
        errors: [],
        requestId: null,
        retryAfter: null,
    };
}

/** What a hook's `error` holds, or null. */
export function asProblem(error: unknown): Problem | null {
    if (!error) return null;
    if (typeof error === 'object' && 'status' in error && 'code' in error) return error as Problem;
    return networkProblem(error);
}
