@csrf_exempt
def view(request):
    pass
