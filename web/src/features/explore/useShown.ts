/**
 * While a new question is on its way the old answer stays on the screen, with the names that belong
 * to it; when the new question fails, the old answer must not pass for its answer.
 */
import { useRef } from 'react';

interface Asked<T> {
    data?: T | undefined;
    currentData?: T | undefined;
    error?: unknown;
    isFetching: boolean;
}

export interface Shown<T, Q> {
    data: T | undefined;
    /** The question that `data` answers. */
    question: Q;
    /** Another question's answer is shown for the moment. */
    stale: boolean;
    error: unknown;
}

export function useShown<T, Q>(asked: Asked<T>, question: Q): Shown<T, Q> {
    const { data, currentData, error, isFetching } = asked;
    const last = useRef(question);
    if (currentData !== undefined) last.current = question;
    const failed = Boolean(error) && currentData === undefined && !isFetching;
    return {
        data: failed ? undefined : data,
        question: failed ? question : last.current,
        stale: data !== undefined && currentData === undefined && isFetching,
        error: isFetching ? undefined : error,
    };
}
