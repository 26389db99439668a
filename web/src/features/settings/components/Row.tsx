import type { ReactNode } from 'react';

interface RowProps {
    title: string;
    text?: ReactNode;
    children: ReactNode;
}

/** One setting: what it is at the left, the control at the right. */
export function Row({ title, text, children }: RowProps) {
    return (
        <div className="setting">
            <div className="setting-words">
                <div className="setting-title">{title}</div>
                {text ? <p>{text}</p> : null}
            </div>
            <div className="setting-control">{children}</div>
        </div>
    );
}
