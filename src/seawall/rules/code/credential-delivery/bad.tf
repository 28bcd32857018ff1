terraform {
  cloud {
    token = "<14 A-Za-z0-9>.atlasv1.<67 A-Za-z0-9_->"
  }
}
