import { useEffect, useState } from 'react';

/** Counts down to when the server wants to be asked again; 0 = now. */
export function useWait(): [number, (seconds: number) => void] {
    const [until, setUntil] = useState(0);
    const [left, setLeft] = useState(0);
    // Counts by the clock, so that a sleeping tab is right when it wakes.
    useEffect(() => {
        if (until === 0) return;
        const tick = () => {
            const rest = Math.max(0, Math.ceil((until - Date.now()) / 1000));
            setLeft(rest);
            if (rest === 0) setUntil(0);
        };
        tick();
        const timer = setInterval(tick, 250);
        return () => clearInterval(timer);
    }, [until]);
    return [left, (seconds) => setUntil(Date.now() + seconds * 1000)];
}
