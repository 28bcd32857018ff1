package app

var socket = path
