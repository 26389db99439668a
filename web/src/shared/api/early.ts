/**
 * Answers asked for before the application's code is there: the boot script starts the requests, the
 * base query takes them over. Each answer is taken once, so nothing stale is ever shown.
 */
import { OUR_CALL } from '@/shared/api/session';

const started = new Map<string, Promise<Response>>();

/** `after`: what must be done before the server is asked. */
export function startEarly(url: string, after?: Promise<unknown>): void {
    const ask = () => fetch(url, { headers: { accept: 'application/json', ...OUR_CALL } });
    const answer = after ? after.then(ask) : ask();
    answer.catch(() => undefined); // whoever takes it sees the failure
    started.set(url, answer);
}

export function takeEarly(url: string): Promise<Response> | undefined {
    const answer = started.get(url);
    started.delete(url);
    return answer;
}
