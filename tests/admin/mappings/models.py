"""Tables of other projects: mapped in every way that SQLAlchemy and SQLModel know."""

import enum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    column_property,
    mapped_column,
    relationship,
    synonym,
)
from sqlalchemy.orm import registry as registry_of
from sqlmodel import Field, Relationship, SQLModel

OTHER_SCHEMA = "depot"


class Base(DeclarativeBase):
    metadata = MetaData()


# -- relationships -----------------------------------------------------------------------------

book_tags = Table(
    "book_tags",
    Base.metadata,
    Column("book_id", ForeignKey("books.id"), primary_key=True),
    Column("tag_name", ForeignKey("tags.name"), primary_key=True),
)


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, index=True)
    books: Mapped[list["Book"]] = relationship(
        back_populates="author", foreign_keys="Book.author_id"
    )
    profile: Mapped["Profile | None"] = relationship(back_populates="author", uselist=False)


class Profile(Base):
    """One for each author."""

    __tablename__ = "profiles"

    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    about: Mapped[str] = mapped_column(Text)
    author: Mapped[Author] = relationship(back_populates="profile")


class Book(Base):
    """Refers to authors by two columns."""

    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books", foreign_keys=author_id)
    editor: Mapped[Author | None] = relationship(foreign_keys=editor_id)
    tags: Mapped[list["Tag"]] = relationship(secondary=book_tags, back_populates="books")
    readings: Mapped[list["Reading"]] = relationship(back_populates="book")


class Tag(Base):
    __tablename__ = "tags"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    books: Mapped[list[Book]] = relationship(secondary=book_tags, back_populates="tags")


class Reading(Base):
    """An association with a column of its own."""

    __tablename__ = "readings"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    note: Mapped[str | None] = mapped_column(Text)
    book: Mapped[Book] = relationship(back_populates="readings")
    reader: Mapped[Author] = relationship()


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"))
    parent: Mapped["Category | None"] = relationship(back_populates="children", remote_side=id)  # noqa: A003
    children: Mapped[list["Category"]] = relationship(back_populates="parent")


class Order(Base):
    __tablename__ = "orders"

    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order")


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (
        ForeignKeyConstraint(["region", "order_number"], ["orders.region", "orders.number"]),
    )

    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    order_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[str | None] = mapped_column(Text)
    order: Mapped[Order] = relationship(back_populates="lines")


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    captain_id: Mapped[int | None] = mapped_column(
        ForeignKey("players.id", use_alter=True, name="captain")
    )
    captain: Mapped["Player | None"] = relationship(foreign_keys=captain_id, post_update=True)


class Player(Base):
    __tablename__ = "players"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    team: Mapped[Team | None] = relationship(foreign_keys=team_id)


class Country(Base):
    __tablename__ = "countries"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)


class City(Base):
    """Refers to a unique key that is not the primary one."""

    __tablename__ = "cities"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    country_code: Mapped[str | None] = mapped_column(ForeignKey("countries.code"))
    country: Mapped[Country | None] = relationship()


# -- schemas -----------------------------------------------------------------------------------


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class DepotNote(Base):
    __tablename__ = "notes"
    __table_args__ = {"schema": OTHER_SCHEMA}

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Box(Base):
    """Refers to a table in another schema."""

    __tablename__ = "boxes"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int | None] = mapped_column(ForeignKey(f"{OTHER_SCHEMA}.notes.id"))
    note: Mapped[DepotNote | None] = relationship()


# -- inheritance -------------------------------------------------------------------------------


class Vehicle(Base):
    __tablename__ = "vehicles"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    __mapper_args__ = {
        "polymorphic_on": "kind",
        "polymorphic_identity": "vehicle",
    }


class Car(Vehicle):
    __tablename__ = "cars"

    id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
    doors: Mapped[int | None] = mapped_column(Integer)
    __mapper_args__ = {"polymorphic_identity": "car"}


class Animal(Base):
    __tablename__ = "animals"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    __mapper_args__ = {
        "polymorphic_on": "kind",
        "polymorphic_identity": "animal",
    }


class Dog(Animal):
    breed: Mapped[str | None] = mapped_column(Text)
    __mapper_args__ = {"polymorphic_identity": "dog"}


# -- attributes --------------------------------------------------------------------------------


class Person(Base):
    __tablename__ = "people"

    key: Mapped[int] = mapped_column("id", primary_key=True)
    first_name: Mapped[str] = mapped_column("first", Text)
    last_name: Mapped[str] = mapped_column("last", Text)
    email: Mapped[str | None] = mapped_column("e-mail address", Text, unique=True)
    initials: Mapped[str | None] = mapped_column(
        Text, Computed("left(first, 1) || left(last, 1)", persisted=True)
    )
    mail = synonym("email")

    @hybrid_property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @full_name.inplace.expression
    @classmethod
    def _full_name(cls) -> Any:
        return cls.first_name + " " + cls.last_name

    @hybrid_property
    def shout(self) -> str:
        """It cannot even be read of the class."""
        return self.first_name.upper()

    @property
    def plain(self) -> str:
        return f"plain {self.first_name}"

    @hybrid_property
    def greeting(self) -> str:
        """Of Python alone: SQL cannot say it."""
        return ", ".join(["Hello", str(self.first_name)])


Person.name_length = column_property(func.length(Person.first_name))
Author.book_count = column_property(
    select(func.count(Book.id)).where(Book.author_id == Author.id).scalar_subquery()
)


class LoudPerson(Base):
    """A view: it has no key in the database."""

    __table__ = Table(
        "loud_people",
        Base.metadata,
        Column("id", Integer),
        Column("shout", Text),
        info={"is_view": True},
    )
    __mapper_args__ = {"primary_key": [__table__.c.id]}


LOUD_PEOPLE = "create view loud_people as select id, upper(first) as shout from people"


class Colour(enum.Enum):
    red = 1
    dark_blue = 2


class Light(Base):
    """A key of a flag and an enum."""

    __tablename__ = "lights"

    is_on: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    colour: Mapped[Colour] = mapped_column(Enum(Colour, name="light_colour"), primary_key=True)
    watts: Mapped[int | None] = mapped_column(Integer)


class Lamp(Base):
    __tablename__ = "lamps"
    __table_args__ = (ForeignKeyConstraint(["is_on", "colour"], ["lights.is_on", "lights.colour"]),)

    id: Mapped[int] = mapped_column(primary_key=True)
    is_on: Mapped[bool | None] = mapped_column(Boolean)
    colour: Mapped[Colour | None] = mapped_column(Enum(Colour, name="light_colour"))


# -- other ways to map -------------------------------------------------------------------------


class DataBase(MappedAsDataclass, DeclarativeBase):
    metadata = Base.metadata


class Point(DataBase):
    __tablename__ = "points"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    x: Mapped[int]
    y: Mapped[int] = mapped_column(default=0)


class SQLModelBase(SQLModel, registry=registry_of(metadata=Base.metadata)):
    pass


class Hero(SQLModelBase, table=True):
    __tablename__ = "heroes"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    league_id: int | None = Field(default=None, foreign_key="leagues.id")
    league: "League" = Relationship(back_populates="heroes")


class League(SQLModelBase, table=True):
    __tablename__ = "leagues"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    name: str
    heroes: list[Hero] = Relationship(back_populates="league")


class Parcel(Base):
    """A key that the server makes."""

    __tablename__ = "parcels"
    __table_args__ = (UniqueConstraint("label"),)

    id: Mapped[Any] = mapped_column(Uuid, primary_key=True, server_default=func.gen_random_uuid())
    label: Mapped[str] = mapped_column(Text)
    order_region: Mapped[str | None] = mapped_column(String(2))
    order_number: Mapped[int | None] = mapped_column(Integer)


ROWS = """
insert into authors (name) values ('Ada'), ('Bob');
insert into profiles values (1, 'writes');
insert into books (title, author_id, editor_id) values ('One', 1, 2), ('Two', 1, null);
insert into tags values ('new'), ('old; with \\ and /');
insert into book_tags values (1, 'new'), (1, 'old; with \\ and /');
insert into readings values (1, 2, 'good');
insert into categories (title, parent_id) values ('root', null), ('leaf', 1);
insert into orders values ('EU', 1), ('US', 1);
insert into order_lines values ('EU', 1, 1, 'tea');
insert into teams (name) values ('reds');
insert into players (name, team_id) values ('Kim', 1);
update teams set captain_id = 1;
insert into countries (code) values ('DE');
insert into cities (name, country_code) values ('Bonn', 'DE'), ('Atlantis', null);
insert into notes (text) values ('public');
insert into depot.notes (text) values ('depot');
insert into boxes (note_id) values (1);
insert into vehicles (kind, name) values ('vehicle', 'cart'), ('car', 'beetle');
insert into cars values (2, 3);
insert into animals (kind, name, breed) values ('animal', 'Cat', null), ('dog', 'Rex', 'collie');
insert into people (first, last, "e-mail address") values ('Ada', 'Byron', 'ada@example.com');
insert into lights values (true, 'red', 60), (false, 'dark_blue', null);
insert into lamps (is_on, colour) values (true, 'red'), (null, null);
insert into points (x, y) values (1, 2);
insert into leagues (name) values ('A');
insert into heroes (name, league_id) values ('Zed', 1);
insert into parcels (label) values ('p');
"""
