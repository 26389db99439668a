interface NamedProps {
    label: string;
    color?: string;
    title?: string;
    /** The mark of what is not broken down. */
    hatched?: boolean;
}

/** A name with its colour mark; long names end in an ellipsis. */
export function Named({ label, color, title, hatched = false }: NamedProps) {
    return (
        <span className="named" title={title ?? label}>
            {color ? (
                <span
                    className={hatched ? 'swatch swatch-hatched' : 'swatch'}
                    style={{ backgroundColor: color }}
                />
            ) : null}
            <span>{label}</span>
        </span>
    );
}
