import { useTranslation } from 'react-i18next';
import { Dialog } from '@/app/layout/Dialog';
import { useAllPlaces } from '@/app/layout/usePlaces';

export default function KeyHelp({ onClose }: { onClose: () => void }) {
    const { t } = useTranslation('common');
    const places = useAllPlaces();
    return (
        <Dialog name={t('shell.keys')} className="help" onClose={onClose}>
            <h2>{t('shell.keys')}</h2>
            <dl className="help-list">
                <div className="help-row">
                    <dt>
                        <kbd className="key">⌘K</kbd> <kbd className="key">Ctrl K</kbd>
                    </dt>
                    <dd>{t('keys.palette')}</dd>
                </div>
                {places.map((place) => (
                    <div key={place.key} className="help-row">
                        <dt>
                            <kbd className="key">g</kbd> <kbd className="key">{place.jump}</kbd>
                        </dt>
                        <dd>{t('keys.go', { place: t(`place.${place.key}`) })}</dd>
                    </div>
                ))}
                <div className="help-row">
                    <dt>
                        <kbd className="key">?</kbd>
                    </dt>
                    <dd>{t('keys.help')}</dd>
                </div>
                <div className="help-row">
                    <dt>
                        <kbd className="key">Esc</kbd>
                    </dt>
                    <dd>{t('keys.close')}</dd>
                </div>
            </dl>
            <button type="button" className="button" onClick={onClose}>
                {t('shell.close')}
            </button>
        </Dialog>
    );
}
