import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Figures } from '@/features/overview/hooks/useFigures';
import { colorOf } from '@/shared/charts/palette';
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import { useFormat, usePreferences } from '@/shared/lib/format';
import type { Range } from '@/shared/lib/range';
import { patchParams, rangePatch } from '@/shared/lib/urlState';
import { useEntityLabel } from '@/shared/ui/labels';
import { Named } from '@/shared/ui/Named';
import { Panel } from '@/shared/ui/Panel';
import { Change } from '@/shared/ui/StatCard';
import { EmptyState } from '@/shared/ui/States';

interface ProjectsPanelProps {
    figures: Figures;
    range: Range;
    rangeLabel: string;
}

export function ProjectsPanel({ figures, range, rangeLabel }: ProjectsPanelProps) {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const { theme } = usePreferences();
    const label = useEntityLabel();
    const { projects, withheldCost } = figures;
    const most = Math.max(...projects.map((project) => project.cost), withheldCost);
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
            {most === 0 ? (
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
                    {withheldCost > 0 ? (
                        <li className="ranking-link ranking-rest">
                            <Named
                                label={label('project', WITHHELD)}
                                color={colorOf('project', WITHHELD, theme)}
                                hatched
                            />
                            <span className="ranking-figures">
                                <b>{format.moneyTable(withheldCost)}</b>
                            </span>
                            <span
                                className="ranking-bar bar-hatched"
                                style={{
                                    width: `${(withheldCost / most) * 100}%`,
                                    backgroundColor: colorOf('project', WITHHELD, theme),
                                }}
                            />
                        </li>
                    ) : null}
                </ul>
            )}
        </Panel>
    );
}
