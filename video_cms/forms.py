"""Forms of the visitor's site."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from allauth.account.forms import LoginForm as AccountLoginForm
from allauth.account.forms import SignupForm as AccountSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from recommendations_plugin import api, registry

from .models import CreatorProfile, ParentCategory, Picture, Playlist, Preferences, User

#: Largest picture accepted, and the longest side that is kept.
PICTURE_BYTES = 8 * 1024 * 1024
PICTURE_PIXELS = 40_000_000
PICTURE_SIDE = 2400
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP")

#: User names that are addresses of the site.
RESERVED_NAMES = {"edit"}


class SearchForm(forms.Form):
    """What to look for: words, filters, order."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    topic = forms.ModelChoiceField(
        label=_("Subject"),
        queryset=ParentCategory.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=_("All subjects"),
    )
    length = forms.ChoiceField(
        label=_("Length"),
        required=False,
        choices=[
            ("", _("Any length")),
            ("short", _("Under 4 minutes")),
            ("medium", _("4 to 20 minutes")),
            ("long", _("20 minutes and more")),
        ],
    )
    date = forms.ChoiceField(
        label=_("Published"),
        required=False,
        choices=[
            ("", _("At any time")),
            ("day", _("In the last 24 hours")),
            ("week", _("In the last week")),
            ("month", _("In the last month")),
            ("year", _("In the last year")),
        ],
    )
    access = forms.ChoiceField(
        label=_("Access"),
        required=False,
        choices=[("", _("Free and premium")), ("free", _("Free")), ("premium", _("Premium"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Relevance")), ("new", _("Newest")), ("views", _("Most viewed"))],
    )

    FILTERS = ("topic", "length", "date", "access")

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields beside the words."""
        return [self[name] for name in (*self.FILTERS, "sort")]

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return any(self.cleaned_data[name] for name in self.FILTERS)


class PictureField(forms.FileField):
    """An uploaded picture, drawn anew so that nothing but the picture is kept."""

    default_error_messages = {
        "size": _("Choose a picture of at most 8 MB."),
        "pixels": _("Choose a picture of at most 40 megapixels."),
        "format": _("Choose a JPEG, PNG or WebP picture."),
    }

    def __init__(self, **kwargs: Any) -> None:
        accept = ", ".join(f"image/{name.lower()}" for name in PICTURE_FORMATS)
        super().__init__(widget=forms.FileInput(attrs={"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> ContentFile | None:
        upload = super().clean(data, initial)
        return self.redraw(upload) if isinstance(upload, UploadedFile) else None

    def redraw(self, upload: UploadedFile) -> ContentFile:
        """Return the picture without what else the file held."""
        if (upload.size or 0) > PICTURE_BYTES:
            raise forms.ValidationError(self.error_messages["size"], "size")
        try:
            with Image.open(upload, formats=PICTURE_FORMATS) as picture:
                if picture.width * picture.height > PICTURE_PIXELS:
                    raise forms.ValidationError(self.error_messages["pixels"], "pixels")
                return encode(picture)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise forms.ValidationError(self.error_messages["pixels"], "pixels") from error
        except (OSError, ValueError, SyntaxError) as error:
            raise forms.ValidationError(self.error_messages["format"], "format") from error


def encode(picture: Image.Image) -> ContentFile:
    """Return a picture as a fresh JPEG, or PNG where it has transparency, without metadata."""
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    clear = upright.has_transparency_data
    pixels = upright.convert("RGBA" if clear else "RGB")
    fresh = Image.new(pixels.mode, pixels.size)
    fresh.paste(pixels)
    buffer = BytesIO()
    fresh.save(buffer, "PNG" if clear else "JPEG", quality=88, optimize=True)
    return ContentFile(buffer.getvalue(), name="picture.png" if clear else "picture.jpg")


class InterestsField(forms.ModelMultipleChoiceField):
    """Parent categories to choose as interests, shown as tiles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=ParentCategory.objects.all(),
            to_field_name="slug",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label=_("What do you like?"),
            **kwargs,
        )


def save_interests(profile: CreatorProfile, interests: Any) -> None:
    """Keep chosen interests on the profile and have the feeds follow them at once."""
    profile.parent_categories.set(interests)
    api.set_interests(api.viewer(profile.user), map(registry.parent_category, interests))


class LoginForm(AccountLoginForm):
    """Sign-in by either name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].widget.attrs["autocomplete"] = "username"

    def user_credentials(self) -> dict[str, str]:
        """Have either name looked up once, and so one password checked, known or not.

        allauth would check a known address twice, and the time would tell that it is known.
        """
        credentials = {"username": self.cleaned_data["login"]}
        if password := self.cleaned_data.get("password"):
            credentials["password"] = password
        return credentials


class SignupForm(AccountSignupForm):
    """Sign-up that also asks what the new viewer likes."""

    interests = InterestsField(
        help_text=_(
            "Choose at least one and your first page is made of it. You can also skip this."
        )
    )

    field_order = ["username", "email", "password1", "interests"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _("At least 8 characters, and nothing easy to guess.")

    def clean_username(self) -> str:
        username: str = super().clean_username()
        if username.lower() in RESERVED_NAMES:
            raise forms.ValidationError(_("Choose another user name."))
        return username

    def try_save(self, request: HttpRequest) -> tuple[User | None, Any]:
        """Make the account, or do as if: an address that has one gets an email that says so.

        The visitor's feed is personal at once, also where their address must be confirmed first.
        """
        chosen = map(registry.parent_category, self.cleaned_data["interests"])
        api.set_interests(api.viewer(request, create=True), chosen)
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # so that both take equally long
        saved: tuple[User | None, Any] = super().try_save(request)
        return saved

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        super().custom_signup(request, user)
        profile, _made = CreatorProfile.objects.get_or_create(user=user)
        save_interests(profile, self.cleaned_data["interests"])


class ProfileForm(forms.ModelForm):
    """A visitor's own profile."""

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    parent_categories = InterestsField(help_text=_("Your feeds follow at once."))
    new_picture = PictureField(label=_("Picture"), required=False)
    remove_picture = forms.BooleanField(label=_("Remove the picture"), required=False)
    new_banner = PictureField(label=_("Banner"), required=False)
    remove_banner = forms.BooleanField(label=_("Remove the banner"), required=False)

    class Meta:
        model = CreatorProfile
        fields = ["name", "bio", "website", "location", "parent_categories"]
        widgets = {"bio": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("picture", "banner"):
            if getattr(self.instance, name) is None:
                del self.fields[f"remove_{name}"]

    def clean_website(self) -> str:
        website: str = self.cleaned_data["website"]
        if website and not website.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(_("Give an address that starts with https://."))
        return website

    def save(self, commit: bool = True) -> CreatorProfile:
        before = [self.instance.picture, self.instance.banner]
        for name in ("picture", "banner"):
            self._set_picture(name)
        profile: CreatorProfile = super().save(commit)
        save_interests(profile, self.cleaned_data["parent_categories"])
        for picture in before:
            if picture not in (None, profile.picture, profile.banner):
                self._forget_picture(picture)
        return profile

    def _forget_picture(self, picture: Picture) -> None:
        """Delete a picture that was replaced, if it is the owner's and stands nowhere else."""
        if picture.uploaded_by_user_id == self.instance.user_id and not picture.get_usage():
            picture.delete()

    def _set_picture(self, name: str) -> None:
        upload = self.cleaned_data.get(f"new_{name}")
        if upload:
            owner = self.instance.user
            title = f"{owner.get_username()}: {name}"
            picture = Picture.objects.create(title=title, file=upload, uploaded_by_user=owner)
            setattr(self.instance, name, picture)
        elif self.cleaned_data.get(f"remove_{name}"):
            setattr(self.instance, name, None)


class PlaylistForm(forms.ModelForm):
    """What a playlist's owner says of it."""

    class Meta:
        model = Playlist
        fields = ["title", "description", "visibility"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class SaveForm(forms.Form):
    """Which of the visitor's playlists a video shall be in."""

    playlists = forms.ModelMultipleChoiceField(
        label=_("Save to"),
        queryset=Playlist.objects.none(),
        to_field_name="playlist_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    title = forms.CharField(label=_("New playlist"), max_length=120, required=False)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Playlist.objects.filter(owner=owner, kind=Playlist.Kind.LIST).order_by("title")
        self.fields["playlists"].queryset = mine  # type: ignore[attr-defined]


class PreferencesForm(forms.ModelForm):
    """How a visitor wants the site to behave."""

    class Meta:
        model = Preferences
        fields = [
            "notify_videos",
            "notify_replies",
            "weekly_digest",
            "autoplay_next",
            "shortcuts",
            "keep_history",
            "show_follows",
        ]
        help_texts = {
            "show_follows": _("Off: you are counted among followers, but not named."),
            "autoplay_next": _("You can cancel it each time, and it never plays a video twice."),
            "shortcuts": _("Such as the space bar to pause, and j and l to jump."),
        }


class DeleteAccountForm(forms.Form):
    """The last word before an account goes: its password, and what is to go with it."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    videos = forms.BooleanField(
        required=False,
        label=_("Delete my videos too"),
    )

    def __init__(self, *args: Any, user: User, videos: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not videos:
            del self.fields["videos"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password

    def clean_videos(self) -> bool:
        chosen: bool = self.cleaned_data["videos"]
        if not chosen:
            raise forms.ValidationError(
                _("Your videos cannot stay without you: tick this, or keep your account.")
            )
        return chosen
