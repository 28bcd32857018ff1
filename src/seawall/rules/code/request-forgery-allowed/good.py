@csrf_protect
def view(request):
    pass
