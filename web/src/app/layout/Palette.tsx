/** ⌘K: go to a page, a project, a session; switch range, theme and language. */
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Dialog } from '@/app/layout/Dialog';
import { useAllPlaces } from '@/app/layout/usePlaces';
import { useGetProjectsQuery, useGetSessionsQuery } from '@/shared/api/generated';
import { useChangeSettings } from '@/shared/api/settings';
import { useFormat } from '@/shared/lib/format';
import { PRESETS } from '@/shared/lib/range';
import { rangePatch, useUrlPatch } from '@/shared/lib/urlState';
import { useEntityLabel } from '@/shared/ui/labels';

interface Command {
    id: string;
    group: string;
    text: string;
    note?: string;
    run: () => void;
}

const SHOWN = 12;
const SEARCH_PAUSE = 150;

function useSettled(text: string): string {
    const [settled, setSettled] = useState(text);
    // Waits for a pause in typing before the server is asked.
    useEffect(() => {
        const timer = setTimeout(() => setSettled(text), SEARCH_PAUSE);
        return () => clearTimeout(timer);
    }, [text]);
    return settled;
}

export default function Palette({ onClose }: { onClose: () => void }) {
    const { t } = useTranslation('common');
    const [text, setText] = useState('');
    const [at, setAt] = useState(0);
    const commands = useCommands(text);
    const active = Math.min(at, commands.length - 1);
    const run = (command: Command | undefined) => {
        if (!command) return;
        onClose();
        command.run();
    };
    return (
        <Dialog name={t('shell.search')} className="palette" onClose={onClose}>
            <input
                className="palette-input"
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant={commands[active] ? `palette-${active}` : undefined}
                aria-label={t('palette.placeholder')}
                placeholder={t('palette.placeholder')}
                value={text}
                onChange={(event) => {
                    setText(event.target.value);
                    setAt(0);
                }}
                onKeyDown={(event) => {
                    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                        event.preventDefault();
                        const step = event.key === 'ArrowDown' ? 1 : -1;
                        setAt((active + step + commands.length) % Math.max(1, commands.length));
                    } else if (event.key === 'Enter') {
                        run(commands[active]);
                    }
                }}
            />
            <div id="palette-list" role="listbox" aria-label={t('palette.results')}>
                {commands.map((command, index) => (
                    <div
                        key={command.id}
                        id={`palette-${index}`}
                        role="option"
                        tabIndex={-1}
                        aria-selected={index === active}
                        className="menu-item"
                        onMouseMove={() => setAt(index)}
                        onClick={() => run(command)}
                        onKeyDown={() => undefined}
                    >
                        <span className="palette-text">{command.text}</span>
                        <span className="menu-item-end">{command.note ?? command.group}</span>
                    </div>
                ))}
            </div>
            {commands.length === 0 ? <p className="palette-none">{t('palette.none')}</p> : null}
        </Dialog>
    );
}

function useCommands(text: string): Command[] {
    const { t } = useTranslation('common');
    const navigate = useNavigate();
    const places = useAllPlaces();
    const patch = useUrlPatch();
    const change = useChangeSettings();
    const label = useEntityLabel();
    const format = useFormat();
    const wanted = useSettled(text.trim());
    const projects = useGetProjectsQuery({}).data?.projects;
    const sessions = useGetSessionsQuery(
        { q: wanted, limit: 5, sort: 'last_activity', from: '2000-01-01T00:00:00Z' },
        { skip: wanted.length < 2 },
    ).currentData?.sessions;
    return useMemo(() => {
        const quietly = (promise: Promise<void>) => void promise.catch(() => undefined);
        const fixed: Command[] = [
            ...places.map((place) => ({
                id: `place-${place.key}`,
                group: t('palette.page'),
                text: t(`place.${place.key}`),
                run: () => void navigate(place.path),
            })),
            ...(projects ?? []).map((project) => ({
                id: `project-${project.key}`,
                group: t('dimension.project'),
                text: label('project', project.key, project.label),
                run: () =>
                    void navigate(`/explore?${new URLSearchParams({ project: project.key })}`),
            })),
            ...PRESETS.map((preset) => ({
                id: `range-${preset}`,
                group: t('range.title'),
                text: t(`range.${preset}`),
                run: () => patch(rangePatch({ preset }, 'today')),
            })),
            ...(['auto', 'light', 'dark'] as const).map((theme) => ({
                id: `theme-${theme}`,
                group: t('shell.theme'),
                text: t(`theme.${theme}`),
                run: () => quietly(change({ theme })),
            })),
            ...(['zh-CN', 'en'] as const).map((language) => ({
                id: `language-${language}`,
                group: t('shell.language'),
                text: t(`language.${language}`),
                run: () => quietly(change({ language })),
            })),
        ];
        const needle = text.trim().toLowerCase();
        const matching = fixed.filter((command) =>
            `${command.text} ${command.group}`.toLowerCase().includes(needle),
        );
        const found = (sessions ?? []).map((session) => ({
            id: `session-${session.id}`,
            group: t('dimension.session'),
            text: [label('project', session.project.key, session.project.label), session.branch]
                .filter(Boolean)
                .join(' · '),
            note: format.dateTime(session.started),
            run: () => void navigate(`/sessions/${encodeURIComponent(session.id)}`),
        }));
        return [...matching.slice(0, SHOWN), ...found];
    }, [t, navigate, places, patch, change, label, format, projects, sessions, text]);
}
