/**
 * Answers asked for before the application's code is there: the boot script starts the requests, the
 * base query takes them over. Each answer is taken once, so nothing stale is ever shown.
 */
const started = new Map<string, Promise<Response>>();

export function startEarly(url: string): void {
    const answer = fetch(url, { headers: { accept: 'application/json' } });
    answer.catch(() => undefined); // whoever takes it sees the failure
    started.set(url, answer);
}

export function takeEarly(url: string): Promise<Response> | undefined {
    const answer = started.get(url);
    started.delete(url);
    return answer;
}
