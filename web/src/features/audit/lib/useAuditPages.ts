/** The rows of the audit log, page after page, for one question. */
import { useState } from 'react';
import { useDispatch } from 'react-redux';
import type { AppDispatch } from '@/shared/api/dispatch';
import { api, useGetAuditQuery } from '@/shared/api/generated';
import type { AuditArg, AuditRow } from '@/shared/api/model';

const PAGE = 100;

interface Later {
    question: string;
    rows: readonly AuditRow[];
    cursor: string | null;
}

export function useAuditPages(arg: AuditArg) {
    const dispatch = useDispatch<AppDispatch>();
    const question = JSON.stringify(arg);
    const first = useGetAuditQuery({ ...arg, limit: PAGE });
    const [later, setLater] = useState<Later | null>(null);
    const [loading, setLoading] = useState(false);
    const [moreError, setMoreError] = useState<unknown>(null);
    const own = later?.question === question ? later : null;
    const cursor = own ? own.cursor : (first.data?.next_cursor ?? null);

    const more = async () => {
        if (cursor === null || loading) return;
        setLoading(true);
        setMoreError(null);
        const asked = dispatch(
            api.endpoints.getAudit.initiate(
                { ...arg, limit: PAGE, cursor },
                { forceRefetch: true, subscribe: false },
            ),
        );
        try {
            const page = await asked.unwrap();
            // The first page may have been asked anew meanwhile: a row counts once.
            setLater({
                question,
                rows: [...(own?.rows ?? []), ...page.rows],
                cursor: page.next_cursor,
            });
        } catch (failure) {
            setMoreError(failure);
        } finally {
            setLoading(false);
        }
    };
    const seen = new Set<number>();
    const rows = [...(first.data?.rows ?? []), ...(own?.rows ?? [])].filter((row) => {
        const fresh = !seen.has(row.seq);
        seen.add(row.seq);
        return fresh;
    });
    return {
        rows: first.data ? rows : undefined,
        pending: first.isFetching,
        error: first.error,
        retry: first.refetch,
        more: cursor === null ? null : more,
        loading,
        moreError,
    };
}
