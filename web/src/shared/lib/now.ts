import { useEffect, useState } from 'react';

/** The time, renewed on whole steps of the wall clock. Synchronises with the system clock. */
export function useNow(stepMs: number): number {
    const [now, setNow] = useState(() => Date.now());
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout>;
        const tick = () => {
            const at = Date.now();
            setNow(at);
            timer = setTimeout(tick, stepMs - (at % stepMs) + 5);
        };
        timer = setTimeout(tick, stepMs - (Date.now() % stepMs) + 5);
        // A tab that was hidden may have slept through its timers.
        const wake = () => {
            if (!document.hidden) setNow(Date.now());
        };
        document.addEventListener('visibilitychange', wake);
        return () => {
            clearTimeout(timer);
            document.removeEventListener('visibilitychange', wake);
        };
    }, [stepMs]);
    return now;
}
