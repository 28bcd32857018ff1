package app

import "net/http"
