export const figma = process.env.FIGMA_TOKEN;
