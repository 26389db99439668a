import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Popover } from '@/shared/ui/Popover';
import type { SavedView } from '../savedViews';
import { readViews, storeViews, withView } from '../savedViews';
import { HeadLabel } from './HeadLabel';

export function SavedViews() {
    const { t } = useTranslation('explore');
    return (
        <Popover
            name={t('saved.title')}
            title={t('saved.title')}
            buttonClass="button explore-head-button"
            align="end"
            label={<HeadLabel icon="mark" text={t('saved.title')} />}
        >
            {(close) => <Views close={close} />}
        </Popover>
    );
}

function Views({ close }: { close: () => void }) {
    const { t } = useTranslation('explore');
    const [params, setParams] = useSearchParams();
    const [views, setViews] = useState<SavedView[]>(readViews);
    const [name, setName] = useState('');
    const [failed, setFailed] = useState(false);
    const search = params.toString();
    const keep = (next: SavedView[]) => {
        setViews(next);
        setFailed(!storeViews(next));
    };
    return (
        <>
            {views.length === 0 ? <p className="popover-title">{t('saved.none')}</p> : null}
            {views.map((view) => (
                <div className="explore-saved" key={view.name}>
                    <button
                        type="button"
                        className="menu-item"
                        aria-pressed={view.search === search}
                        onClick={() => {
                            setParams(new URLSearchParams(view.search));
                            close();
                        }}
                    >
                        {view.name}
                    </button>
                    <button
                        type="button"
                        className="button button-quiet button-small"
                        aria-label={t('saved.remove', { name: view.name })}
                        onClick={() => keep(views.filter((one) => one !== view))}
                    >
                        <span aria-hidden="true">×</span>
                    </button>
                </div>
            ))}
            <form
                className="explore-save"
                onSubmit={(event) => {
                    event.preventDefault();
                    const trimmed = name.trim();
                    if (trimmed === '') return;
                    keep(withView(views, { name: trimmed, search }));
                    setName('');
                }}
            >
                <input
                    className="input"
                    maxLength={60}
                    placeholder={t('saved.name')}
                    aria-label={t('saved.name')}
                    value={name}
                    onChange={(event) => setName(event.target.value)}
                />
                <button type="submit" className="button" disabled={name.trim() === ''}>
                    {t('saved.save')}
                </button>
            </form>
            {failed ? (
                <p className="popover-title" role="alert">
                    {t('saved.failed')}
                </p>
            ) : null}
        </>
    );
}
