/**
 * Ant Design in Tidemark's colours. The shell and the overview do without it, so that the first page
 * is light; a page that uses its pickers, forms or drawers wraps itself in this.
 */
import { theme as antTheme, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import type { ReactNode } from 'react';
import { useEffect, useMemo } from 'react';
import { FONT, readTokens } from '@/shared/charts/theme';
import { usePreferences } from '@/shared/lib/format';

export function AntProvider({ children }: { children: ReactNode }) {
    const { theme, language } = usePreferences();
    // antd's pickers take months and weekdays from dayjs.
    useEffect(() => {
        dayjs.locale(language === 'zh-CN' ? 'zh-cn' : 'en');
    }, [language]);
    const config = useMemo(() => {
        const tokens = readTokens();
        return {
            algorithm: theme === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
            cssVar: { key: 'tidemark' },
            token: {
                colorPrimary: tokens.accent,
                colorLink: tokens.accent,
                colorSuccess: tokens.ok,
                colorWarning: tokens.warn,
                colorError: tokens.over,
                colorText: tokens.ink,
                colorTextSecondary: tokens.ink2,
                colorTextTertiary: tokens.quiet,
                colorTextPlaceholder: tokens.quiet,
                colorBgBase: tokens.surface,
                colorBgContainer: tokens.surface,
                colorBgElevated: tokens.surface,
                colorBgLayout: tokens.background,
                colorBorder: tokens.line,
                colorBorderSecondary: tokens.line,
                colorTextLightSolid: tokens.onAccent,
                borderRadius: 8,
                borderRadiusLG: 12,
                fontFamily: FONT,
                fontSize: 13,
                motion: false,
                wireframe: false,
            },
        };
    }, [theme]);
    return (
        <ConfigProvider
            theme={config}
            locale={language === 'zh-CN' ? zhCN : enUS}
            componentSize="medium"
        >
            {children}
        </ConfigProvider>
    );
}
