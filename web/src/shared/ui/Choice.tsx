import { useId } from 'react';

export interface Option<T extends string> {
    value: T;
    label: string;
}

interface ChoiceProps<T extends string> {
    /** Spoken name of the group. */
    name: string;
    options: readonly Option<T>[];
    value: T;
    onChange: (value: T) => void;
    /** `segmented` is a framed bar, `tabs` quiet words in a panel's head. */
    look?: 'segmented' | 'tabs';
}

/** One of a few: radio buttons, so the arrow keys work. */
export function Choice<T extends string>({ name, options, value, onChange, look }: ChoiceProps<T>) {
    const group = useId();
    return (
        <div className={look ?? 'segmented'} role="radiogroup" aria-label={name}>
            {options.map((option) => (
                <label key={option.value}>
                    <input
                        type="radio"
                        name={group}
                        checked={option.value === value}
                        onChange={() => onChange(option.value)}
                    />
                    {option.label}
                </label>
            ))}
        </div>
    );
}
