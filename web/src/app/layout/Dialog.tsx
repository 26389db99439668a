import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';

interface DialogProps {
    name: string;
    className?: string;
    onClose: () => void;
    children: ReactNode;
}

/** A modal dialog of the browser's own: it keeps the focus inside and closes on Escape. */
export function Dialog({ name, className, onClose, children }: DialogProps) {
    const element = useRef<HTMLDialogElement>(null);
    // Opens the element; it is closed by leaving the page's tree.
    useEffect(() => {
        const dialog = element.current;
        dialog?.showModal();
        return () => dialog?.close();
    }, []);
    return (
        // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes; the click is on the backdrop
        <dialog
            ref={element}
            className={`dialog ${className ?? ''}`}
            aria-label={name}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
            onClick={(event) => {
                if (event.target === element.current) onClose();
            }}
        >
            {children}
        </dialog>
    );
}
