/** The calm page around a card: mark, card, language and theme. */
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeSettings } from '@/shared/api/settings';
import { usePreferences } from '@/shared/lib/format';
import { BrandMark } from '@/shared/ui/BrandMark';

interface EntryFrameProps {
    title: string;
    lead?: ReactNode;
    children: ReactNode;
}

export function EntryFrame({ title, lead, children }: EntryFrameProps) {
    const { t } = useTranslation('common');
    const { language, theme } = usePreferences();
    const change = useChangeSettings();
    useEffect(() => {
        document.title = `${title} · Tidemark`;
    }, [title]);
    const otherLanguage = language === 'en' ? 'zh-CN' : 'en';
    const otherTheme = theme === 'dark' ? 'light' : 'dark';
    // Where the server keeps the look it refuses strangers; then it stays as it was.
    const choose = (patch: Parameters<typeof change>[0]) => {
        change(patch).catch(() => undefined);
    };
    return (
        <div className="entry">
            <Tide />
            <header className="entry-brand">
                <BrandMark size={30} />
                <span>Tidemark</span>
            </header>
            <main className="entry-card">
                <h1>{title}</h1>
                {lead ? <p className="entry-lead">{lead}</p> : null}
                {children}
            </main>
            <footer className="entry-foot">
                <button
                    type="button"
                    className="button button-quiet button-small"
                    lang={otherLanguage}
                    onClick={() => choose({ language: otherLanguage })}
                >
                    {t(`language.${otherLanguage}`)}
                </button>
                <button
                    type="button"
                    className="button button-quiet button-small"
                    onClick={() => choose({ theme: otherTheme })}
                >
                    {t(`theme.${otherTheme}`)}
                </button>
            </footer>
        </div>
    );
}

/** Three tide lines at the foot of the page; they do not move. */
function Tide() {
    return (
        <svg
            className="entry-tide"
            viewBox="0 0 1440 340"
            preserveAspectRatio="none"
            fill="none"
            stroke="var(--accent)"
            aria-hidden="true"
        >
            <path
                d="M0 92c180-70 360-70 540 0s360 70 540 0 360-60 360-60"
                strokeOpacity=".22"
                strokeDasharray="2 7"
                strokeWidth="2"
                vectorEffect="non-scaling-stroke"
            />
            <path
                d="M0 166c180-60 360-60 540 0s360 60 540 0 360-50 360-50"
                strokeOpacity=".2"
                strokeWidth="1.5"
                vectorEffect="non-scaling-stroke"
            />
            <path
                d="M0 236c180-46 360-46 540 0s360 46 540 0 360-40 360-40V340H0z"
                fill="var(--accent)"
                fillOpacity=".05"
                strokeOpacity=".14"
                strokeWidth="1.5"
                vectorEffect="non-scaling-stroke"
            />
        </svg>
    );
}

/** Something is wrong with the whole form. */
export function EntryAlert({ text, wait }: { text: string; wait?: boolean }) {
    return (
        <p className={wait ? 'entry-alert entry-alert-wait' : 'entry-alert'} role="alert">
            {text}
        </p>
    );
}
