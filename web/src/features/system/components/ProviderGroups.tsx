/** What membership in the provider's groups gives: one line a group. */
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';

interface Row<T> {
    group: string;
    value: T;
}

interface ProviderGroupsProps<T extends string | number> {
    title: string;
    text: string;
    /** Spoken name of the choice in a line. */
    column: string;
    error?: string | undefined;
    options: { value: T; label: string }[];
    rows: Row<T>[];
    onChange: (rows: Row<T>[]) => void;
}

export function ProviderGroups<T extends string | number>(props: ProviderGroupsProps<T>) {
    const { title, text, column, error, options, rows, onChange } = props;
    const { t } = useTranslation('system');
    const replace = (index: number, row: Row<T>) =>
        onChange(rows.map((one, at) => (at === index ? row : one)));
    const first = options[0];
    return (
        <fieldset className="provider-groups">
            <legend>{title}</legend>
            <p className={error ? 'form-error' : 'form-hint'} role={error ? 'alert' : undefined}>
                {error ?? text}
            </p>
            {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and are only added at the end
                <div className="provider-group" key={index}>
                    <input
                        className="input form-input"
                        aria-label={t('provider.group')}
                        placeholder={t('provider.group')}
                        value={row.group}
                        onChange={(event) => replace(index, { ...row, group: event.target.value })}
                    />
                    <Select
                        aria-label={column}
                        options={options}
                        value={row.value}
                        onChange={(value) => replace(index, { ...row, value })}
                    />
                    <button
                        type="button"
                        className="button button-quiet"
                        onClick={() => onChange(rows.filter((_, at) => at !== index))}
                    >
                        {t('provider.remove')}
                    </button>
                </div>
            ))}
            {first ? (
                <button
                    type="button"
                    className="button button-small"
                    onClick={() => onChange([...rows, { group: '', value: first.value }])}
                >
                    {t('provider.add')}
                </button>
            ) : null}
        </fieldset>
    );
}
