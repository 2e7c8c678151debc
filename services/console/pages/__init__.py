"""The console's pages, by area; each class is mixed into the web role's service."""

from console.pages.assessments import AssessmentPages
from console.pages.bulletins import BulletinPages
from console.pages.case import CasePages
from console.pages.desk import DeskPages
from console.pages.directory import DirectoryPages
from console.pages.figures import FigurePages
from console.pages.login import LoginPages
from console.pages.mine import MinePages
from console.pages.orders import OrderPages
from console.pages.papers import PaperPages
from console.pages.places import PlacePages
from console.pages.problem import on_problem
from console.pages.public import PublicPages
from console.pages.reception import ReceptionPages
from console.pages.register import RegisterPages
from console.pages.reports import ReportPages
from console.pages.returns import ReturnPages
from console.pages.rules import RulePages
from console.pages.settings import SettingsPages
from console.pages.statistics import StatisticsPages


class Pages(
    PublicPages,
    MinePages,
    LoginPages,
    DeskPages,
    RegisterPages,
    CasePages,
    PaperPages,
    OrderPages,
    ReceptionPages,
    FigurePages,
    StatisticsPages,
    ReturnPages,
    AssessmentPages,
    ReportPages,
    BulletinPages,
    DirectoryPages,
    RulePages,
    PlacePages,
    SettingsPages,
):
    """Every page of the console."""

    on_problem = staticmethod(on_problem)


__all__ = ["Pages"]
