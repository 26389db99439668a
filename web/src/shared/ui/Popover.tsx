import type { ReactNode } from 'react';
import { useCallback, useEffect, useId, useRef, useState } from 'react';

interface PopoverProps {
    /** The button's content. */
    label: ReactNode;
    /** The button's spoken name, when its content does not say enough. */
    title?: string;
    /** The dialog's spoken name. */
    name: string;
    buttonClass?: string;
    align?: 'start' | 'end';
    children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel; Escape and clicks elsewhere close it and give the focus back. */
export function Popover({ label, title, name, buttonClass, align, children }: PopoverProps) {
    const [open, setOpen] = useState(false);
    const root = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    const panel = useRef<HTMLDivElement>(null);
    const id = useId();
    const close = useCallback(() => {
        setOpen(false);
        button.current?.focus();
    }, []);
    // Listens to the document only while open; puts the focus into the panel.
    useEffect(() => {
        if (!open) return;
        panel.current?.querySelector<HTMLElement>('input, button, [tabindex]')?.focus();
        const press = (event: PointerEvent) => {
            const target = event.target as Element;
            if (root.current?.contains(target)) return;
            if (target.closest('.ant-picker-dropdown, .ant-select-dropdown')) return;
            setOpen(false);
        };
        const key = (event: KeyboardEvent) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            close();
        };
        document.addEventListener('pointerdown', press);
        document.addEventListener('keydown', key, true);
        return () => {
            document.removeEventListener('pointerdown', press);
            document.removeEventListener('keydown', key, true);
        };
    }, [open, close]);
    return (
        <div className="popover-anchor" ref={root}>
            <button
                ref={button}
                type="button"
                className={buttonClass ?? 'button'}
                aria-haspopup="dialog"
                aria-expanded={open}
                aria-controls={open ? id : undefined}
                aria-label={title}
                title={title}
                onClick={() => setOpen(!open)}
            >
                {label}
            </button>
            {open ? (
                <div
                    ref={panel}
                    id={id}
                    role="dialog"
                    aria-label={name}
                    className={`popover popover-${align ?? 'start'}`}
                    onKeyDown={arrowKeys}
                >
                    {children(close)}
                </div>
            ) : null}
        </div>
    );
}

/** Up and down walk through the menu items. */
function arrowKeys(event: React.KeyboardEvent<HTMLDivElement>): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('.menu-item')];
    if (items.length === 0) return;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = event.key === 'ArrowDown' ? 1 : -1;
    const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step;
    items[(next + items.length) % items.length]?.focus();
    event.preventDefault();
}

export function Caret() {
    return (
        <svg className="caret" viewBox="0 0 8 8" fill="none" aria-hidden="true">
            <path d="M1 2.500 4 5.500 7 2.500" stroke="currentColor" strokeWidth="1.4" />
        </svg>
    );
}
