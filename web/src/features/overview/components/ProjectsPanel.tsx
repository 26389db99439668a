import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Figures } from '@/features/overview/hooks/useFigures';
import { colorOf } from '@/shared/charts/palette';
import { useFormat, usePreferences } from '@/shared/lib/format';
import type { Range } from '@/shared/lib/range';
import { patchParams, rangePatch } from '@/shared/lib/urlState';
import { useEntityLabel } from '@/shared/ui/labels';
import { Named } from '@/shared/ui/Named';
import { Panel } from '@/shared/ui/Panel';
import { Change } from '@/shared/ui/StatCard';
import { EmptyState } from '@/shared/ui/States';

interface ProjectsPanelProps {
    projects: Figures['projects'];
    range: Range;
    rangeLabel: string;
}

export function ProjectsPanel({ projects, range, rangeLabel }: ProjectsPanelProps) {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const { theme } = usePreferences();
    const label = useEntityLabel();
    const most = Math.max(...projects.map((project) => project.cost), 0);
    const explore = (project: string) =>
        `/explore?${patchParams(new URLSearchParams(), { ...rangePatch(range, '30d'), project })}`;
    return (
        <Panel
            title={t('projects.title')}
            sub={rangeLabel}
            actions={
                <Link
                    className="panel-link"
                    to={`/explore?${patchParams(new URLSearchParams(), rangePatch(range, '30d'))}`}
                >
                    {t('projects.all')} <span aria-hidden="true">→</span>
                </Link>
            }
        >
            {projects.length === 0 ? (
                <EmptyState title={t('projects.none')} text={t('projects.none_text')} />
            ) : (
                <ul className="ranking">
                    {projects.map((project) => (
                        <li key={project.key}>
                            <Link to={explore(project.key)} className="ranking-link">
                                <Named
                                    label={label('project', project.key, project.label)}
                                    color={colorOf('project', project.key, theme)}
                                    title={project.key}
                                />
                                <span className="ranking-figures">
                                    {project.before ? (
                                        <Change
                                            ratio={project.cost / project.before - 1}
                                            text={format.changeSize(
                                                project.cost / project.before - 1,
                                            )}
                                            more={null}
                                        />
                                    ) : null}
                                    <b>{format.moneyTable(project.cost)}</b>
                                </span>
                                <span
                                    className="ranking-bar"
                                    style={{
                                        width: `${most > 0 ? (project.cost / most) * 100 : 0}%`,
                                        background: colorOf('project', project.key, theme),
                                    }}
                                />
                            </Link>
                        </li>
                    ))}
                </ul>
            )}
        </Panel>
    );
}
