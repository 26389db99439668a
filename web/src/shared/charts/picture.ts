/** An SVG element of the page as a file of its own. Its shapes must carry their colours as attributes. */
import { FONT, readTokens } from '@/shared/charts/theme';

export function svgText(svg: SVGSVGElement): string {
    const copy = svg.cloneNode(true) as SVGSVGElement;
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('font-family', FONT);
    return new XMLSerializer().serializeToString(copy);
}

/** A data address, on the surface's colour, at twice the size on the screen. */
export async function svgPng(svg: SVGSVGElement): Promise<string> {
    const { width, height } = svg.getBoundingClientRect();
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * 2);
    canvas.height = Math.round(height * 2);
    const pen = canvas.getContext('2d');
    if (!pen) return '';
    pen.fillStyle = readTokens().surface;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png');
}
