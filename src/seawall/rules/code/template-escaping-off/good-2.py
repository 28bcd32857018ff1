mark_safe('<b>')
