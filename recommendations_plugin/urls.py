"""The plugin's addresses, for a host to include."""

app_name = "recommendations_plugin"
urlpatterns: list[object] = []
