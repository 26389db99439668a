/** Search, theme and language at the end of every page's head; one menu on a phone. */
import { useTranslation } from 'react-i18next';
import { useChangeSettings, useSettings } from '@/shared/api/settings';
import { usePreferences } from '@/shared/lib/format';
import { Popover } from '@/shared/ui/Popover';
import { useShell } from '@/shared/ui/shellContext';

const THEMES = ['auto', 'light', 'dark'] as const;

export function ShellActions() {
    const { t } = useTranslation('common');
    const shell = useShell();
    const settings = useSettings();
    const { language } = usePreferences();
    const change = useChangeSettings();
    const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
    // A server that cannot keep the choice says so on the settings page; here it simply stays as it was.
    const choose = (patch: Parameters<typeof change>[0]) => {
        change(patch).catch(() => undefined);
    };
    const other = language === 'en' ? 'zh-CN' : 'en';
    return (
        <>
            <button type="button" className="button wide-only" onClick={shell.openPalette}>
                <kbd className="key">{apple ? '⌘K' : 'Ctrl K'}</kbd> {t('shell.search')}
            </button>
            <Popover
                name={t('shell.look')}
                title={t('shell.look')}
                align="end"
                label={<LookIcon />}
            >
                {(close) => (
                    <>
                        <button
                            type="button"
                            className="menu-item phone-only"
                            onClick={() => {
                                close();
                                shell.openPalette();
                            }}
                        >
                            {t('shell.search')}
                        </button>
                        <p className="popover-title">{t('shell.theme')}</p>
                        {THEMES.map((theme) => (
                            <button
                                key={theme}
                                type="button"
                                className="menu-item"
                                aria-pressed={settings.theme === theme}
                                onClick={() => {
                                    choose({ theme });
                                    close();
                                }}
                            >
                                {t(`theme.${theme}`)}
                            </button>
                        ))}
                        <p className="popover-title">{t('shell.language')}</p>
                        {(['zh-CN', 'en'] as const).map((one) => (
                            <button
                                key={one}
                                type="button"
                                className="menu-item"
                                lang={one}
                                aria-pressed={language === one}
                                onClick={() => {
                                    choose({ language: one });
                                    close();
                                }}
                            >
                                {t(`language.${one}`)}
                            </button>
                        ))}
                        <button
                            type="button"
                            className="menu-item wide-only"
                            onClick={() => {
                                close();
                                shell.openHelp();
                            }}
                        >
                            {t('shell.keys')}
                            <span className="menu-item-end">?</span>
                        </button>
                    </>
                )}
            </Popover>
            <button
                type="button"
                className="button wide-only"
                lang={other}
                title={t('shell.switch_language')}
                onClick={() => choose({ language: other })}
            >
                {t(`language_short.${other}`)}
            </button>
            {shell.account}
        </>
    );
}

function LookIcon() {
    return (
        <svg width="16" height="16" viewBox="0 0 16 16" fill="none" aria-hidden="true">
            <circle cx="8" cy="8" r="5.5" stroke="currentColor" strokeWidth="1.4" />
            <path d="M8 2.500a5.500 5.500 0 0 1 0 11z" fill="currentColor" />
        </svg>
    );
}
