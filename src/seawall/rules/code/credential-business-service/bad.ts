export const figma = "figd_<40 A-Za-z0-9_->";
