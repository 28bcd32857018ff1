terraform {
  cloud {
    token = var.token
  }
}

variable "token" {
  description = "like xxxxxxxxxxxxxx.atlasv1.…"
}
