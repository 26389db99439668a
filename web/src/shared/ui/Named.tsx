interface NamedProps {
    label: string;
    color?: string;
    title?: string;
}

/** A name with its colour mark; long names end in an ellipsis. */
export function Named({ label, color, title }: NamedProps) {
    return (
        <span className="named" title={title ?? label}>
            {color ? <span className="swatch" style={{ background: color }} /> : null}
            <span>{label}</span>
        </span>
    );
}
