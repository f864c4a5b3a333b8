"""Editors and moderators may publish videos and sort them; moderators also see what visitors did.

Django makes permissions only after all migrations, so those needed here are made here.
"""

from django.db import migrations

EDITORS, MODERATORS = "Editors", "Moderators"
PAGES = ("add", "change", "publish")
SNIPPETS = ("parentcategory", "category", "creatorprofile")
ACTIVITY = ("watch", "like", "follow")
VERBS = {"publish": "Can publish any page"}


def permission(apps, app_label, model, action):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    try:
        name = str(apps.get_model(app_label, model)._meta.verbose_name)
    except LookupError:
        name = model
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=f"{action}_{model}",
        defaults={"name": VERBS.get(action, f"Can {action} {name}")},
    )
    return found


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    root = apps.get_model("wagtailcore", "Page").objects.filter(depth=1).first()
    for group in Group.objects.filter(name__in=[EDITORS, MODERATORS]):
        actions = ["add", "change", "view"] + ["delete"] * (group.name == MODERATORS)
        group.permissions.add(
            *(permission(apps, "video_cms", model, verb) for model in SNIPPETS for verb in actions)
        )
        if group.name == MODERATORS:
            group.permissions.add(
                *(permission(apps, "video_cms", model, "view") for model in ACTIVITY)
            )
        for action in PAGES if root else ():
            GroupPagePermission.objects.get_or_create(
                group=group, page=root, permission=permission(apps, "wagtailcore", "page", action)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("video_cms", "0002_content_types"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
