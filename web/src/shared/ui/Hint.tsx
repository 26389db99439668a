import type { ReactNode } from 'react';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

interface HintProps {
    /** What the figure is, exactly: full precision, source, gap. */
    text: string;
    /** A dotted underline: the figure is estimated or incomplete. */
    mark?: boolean;
    children: ReactNode;
}

const GAP = 6;

/** A figure that says more on hover, focus or tap. */
export function Hint({ text, mark = false, children }: HintProps) {
    const id = useId();
    const anchor = useRef<HTMLButtonElement>(null);
    const bubble = useRef<HTMLDivElement>(null);
    const [open, setOpen] = useState(false);
    const close = useCallback(() => setOpen(false), []);
    // Places the bubble against the viewport; follows nothing, as scrolling closes it.
    useEffect(() => {
        const box = bubble.current;
        const from = anchor.current?.getBoundingClientRect();
        if (!open || !box || !from) return;
        const size = box.getBoundingClientRect();
        const left = Math.min(from.left, window.innerWidth - size.width - 12);
        const below = from.bottom + GAP + size.height < window.innerHeight;
        box.style.left = `${Math.max(12, left)}px`;
        box.style.top = `${below ? from.bottom + GAP : from.top - GAP - size.height}px`;
        window.addEventListener('scroll', close, { capture: true, passive: true });
        const key = (event: KeyboardEvent) => {
            if (event.key === 'Escape') close();
        };
        window.addEventListener('keydown', key);
        return () => {
            window.removeEventListener('scroll', close, { capture: true });
            window.removeEventListener('keydown', key);
        };
    }, [open, close]);
    return (
        <>
            <button
                ref={anchor}
                type="button"
                className={mark ? 'hint hint-mark' : 'hint'}
                aria-describedby={open ? id : undefined}
                onMouseEnter={() => setOpen(true)}
                onMouseLeave={close}
                onFocus={() => setOpen(true)}
                onBlur={close}
                onClick={(event) => {
                    event.stopPropagation();
                    setOpen(true);
                }}
            >
                {children}
            </button>
            {open
                ? createPortal(
                      <div ref={bubble} id={id} role="tooltip" className="hint-bubble">
                          {text}
                      </div>,
                      anchor.current?.closest('main') ?? document.body,
                  )
                : null}
        </>
    );
}
