import { InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Draft } from '@/features/settings/lib/overrides';
import { overrideFrom, PRICE_FIELDS } from '@/features/settings/lib/overrides';
import type { PriceBook, PriceOverride } from '@/shared/api/model';
import { asProblem } from '@/shared/api/problem';
import { Choice } from '@/shared/ui/Choice';

interface OverrideDialogProps {
    draft: Draft;
    book: PriceBook;
    busy: boolean;
    error: unknown;
    onChange: (draft: Draft) => void;
    onSave: (override: PriceOverride) => void;
    /** null when there is nothing to take back. */
    onRemove: (() => void) | null;
    onClose: () => void;
}

export function OverrideDialog(props: OverrideDialogProps) {
    const { draft, book, busy, error, onChange, onSave, onRemove, onClose } = props;
    const { t } = useTranslation('settings');
    const override = overrideFrom(draft);
    const problem = asProblem(error);
    const known = book.models.some((model) => model.id === draft.model);
    const given = known || book.unknown_models.some((model) => model.model === draft.model);
    return (
        <Modal
            open
            title={draft.model ? t('override.title', { model: draft.model }) : t('prices.add')}
            onCancel={onClose}
            width={520}
            footer={
                <div className="dialog-foot">
                    {onRemove ? (
                        <button type="button" className="button" disabled={busy} onClick={onRemove}>
                            {t('override.remove')}
                        </button>
                    ) : null}
                    <span className="dialog-space" />
                    <button type="button" className="button" onClick={onClose}>
                        {t('override.cancel')}
                    </button>
                    <button
                        type="button"
                        className="button button-primary"
                        disabled={busy || override === null}
                        onClick={() => (override ? onSave(override) : undefined)}
                    >
                        {t('override.save')}
                    </button>
                </div>
            }
        >
            <div className="override">
                {given ? null : (
                    <label className="field">
                        {t('prices.model')}
                        <input
                            className="input"
                            value={draft.model}
                            onChange={(event) => onChange({ ...draft, model: event.target.value })}
                        />
                    </label>
                )}
                <Choice
                    name={t('override.way')}
                    options={[
                        { value: 'own', label: t('override.own') },
                        { value: 'like', label: t('override.like') },
                    ]}
                    value={draft.way}
                    onChange={(way) => onChange({ ...draft, way })}
                />
                {draft.way === 'own' ? (
                    <div className="price-fields">
                        {PRICE_FIELDS.map((field) => (
                            <label className="field" key={field}>
                                {t(`price.${field}`)}
                                <InputNumber
                                    min={0}
                                    step={0.1}
                                    prefix="$"
                                    value={draft.prices[field]}
                                    onChange={(value) =>
                                        onChange({
                                            ...draft,
                                            prices: { ...draft.prices, [field]: value },
                                        })
                                    }
                                />
                            </label>
                        ))}
                    </div>
                ) : (
                    <label className="field">
                        {t('override.like_model')}
                        <Select
                            aria-label={t('override.like_model')}
                            showSearch={{ optionFilterProp: 'label' }}
                            options={book.models
                                .filter((model) => model.id !== draft.model)
                                .map((model) => ({ value: model.id, label: model.label }))}
                            value={draft.like}
                            onChange={(like) => onChange({ ...draft, like })}
                        />
                    </label>
                )}
                <div className="price-fields">
                    <label className="field">
                        {t('override.multiplier')}
                        <InputNumber
                            min={0}
                            step={0.05}
                            placeholder="1"
                            value={draft.multiplier}
                            onChange={(multiplier) => onChange({ ...draft, multiplier })}
                        />
                    </label>
                    <label className="field">
                        {t('override.from')}
                        <input
                            className="input"
                            type="date"
                            value={draft.from}
                            onChange={(event) => onChange({ ...draft, from: event.target.value })}
                        />
                    </label>
                </div>
                <p className="setting-foot">{t('override.text')}</p>
                {problem ? (
                    <p className="tone-over" role="alert">
                        {problem.errors[0]?.message || problem.detail || t('no_answer')}
                    </p>
                ) : null}
            </div>
        </Modal>
    );
}
