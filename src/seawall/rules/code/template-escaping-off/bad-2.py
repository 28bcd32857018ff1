mark_safe('<b>' + request.GET['q'])
