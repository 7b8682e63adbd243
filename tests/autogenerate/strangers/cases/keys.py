"""Foreign keys in circles, keys that become indexes, removed tables."""

from tests.autogenerate.strangers.case import Case

CIRCULAR_FK_1 = """\
class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    primary_card = mapped_column(ForeignKey("card.id", name="account_card_fk"))
class Card(Base):
    __tablename__ = "card"
    id: Mapped[int] = mapped_column(primary_key=True)
    account = mapped_column(ForeignKey("account.id", name="card_account_fk"))
"""

CIRCULAR_FK_USE_ALTER_1 = """\
class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    primary_card = mapped_column(ForeignKey("card.id", name="account_card_fk", use_alter=True))
class Card(Base):
    __tablename__ = "card"
    id: Mapped[int] = mapped_column(primary_key=True)
    account = mapped_column(ForeignKey("account.id", name="card_account_fk"))
"""

UQ_IX_SWITCH_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(Text)
    __table_args__ = (UniqueConstraint("e", name="uq_a_e"),)
class C(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(ForeignKey("a.e"))
"""

UQ_IX_SWITCH_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(Text)
    __table_args__ = (Index("uq_a_e", "e", unique=True),)
class C(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(ForeignKey("a.e"))
"""

UQ_IX_SWITCH_3 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(Text)
    __table_args__ = (UniqueConstraint("e", name="uq_a_e", postgresql_include=["id"]),)
class C(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(ForeignKey("a.e"))
"""

TABLE_REMOVED_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
class B(Base):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(Enum("x", "y", name="bst"))
"""

TABLE_REMOVED_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

SERIAL_IDENTITY_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

SERIAL_IDENTITY_2 = """\
class A(Base):
    __tablename__ = "a"
    id = mapped_column(Integer, Identity(), primary_key=True)
"""

CASES = (
    # tables refer to each other, without use_alter
    Case(
        "circular_fk",
        (CIRCULAR_FK_1,),
    ),
    # the same with use_alter=True as SQLAlchemy's docs say
    Case(
        "circular_fk_use_alter",
        (CIRCULAR_FK_USE_ALTER_1,),
        answers={
            "select conname from pg_constraint where contype='f' order by 1": "account_card_fk\ncard_account_fk",
        },
    ),
    # unique=True <-> index unique; FK depends on the unique key
    Case(
        "uq_ix_switch",
        (
            UQ_IX_SWITCH_1,
            UQ_IX_SWITCH_2,
            UQ_IX_SWITCH_3,
        ),
    ),
    # a model is deleted: is the table dropped? (plain Alembic drops it)
    Case(
        "table_removed",
        (
            TABLE_REMOVED_1,
            TABLE_REMOVED_2,
        ),
    ),
    # autoincrement serial -> Identity() (SQLAlchemy 2's advice), nothing else
    Case(
        "serial_identity",
        (
            SERIAL_IDENTITY_1,
            SERIAL_IDENTITY_2,
        ),
        meanwhile={
            1: "insert into a default values",
        },
        quick=True,
    ),
)
